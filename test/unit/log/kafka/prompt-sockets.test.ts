import { once } from 'node:events';
import { createServer, Socket, type AddressInfo } from 'node:net';
import type { ISocketFactoryArgs } from 'kafkajs';
import { expect, it, vi } from 'vitest';
import { promptSockets } from '../../../../src/log/kafka/prompt-sockets.ts';

it('opens sockets that wait for no acknowledgement before they send', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const socket = await new Promise<Socket>((resolve) => {
    const opened = promptSockets()({
      ...({ host: '127.0.0.1', port } as ISocketFactoryArgs),
      onConnect: () => {
        resolve(opened);
      },
    });
  });
  expect(noDelay).toHaveBeenCalledWith(true);
  noDelay.mockRestore();
  socket.destroy();
  server.close();
});
