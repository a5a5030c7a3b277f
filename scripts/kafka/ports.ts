import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { StarterError } from './starter-error.ts';

export const HOST = '127.0.0.1';

const listening = async (port: number): Promise<Server> => {
  const server = createServer().listen(port, HOST);
  await once(server, 'listening');
  return server;
};

const closed = async (server: Server): Promise<void> => {
  server.close();
  await once(server, 'close');
};

/** As many ports as wanted that nobody listens on; all are held until the last is known. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, () => listening(0)));
  // They listen on ports, not on pipes.
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map(closed));
  return ports;
};

/** Throws unless somebody could listen on the port; `option` is what chooses another. */
export const demandFree = async (port: number, option: string): Promise<void> => {
  try {
    await closed(await listening(port));
  } catch (error) {
    throw new StarterError(
      `port ${port} is taken or not to be had: free it, or take another by ${option}`,
      { cause: error },
    );
  }
};
