import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import { openEmbeddedSchemaRegistry } from '../../src/log/embedded/embedded-schema-registry.ts';
import { serveLog } from '../../src/log/remote/log-server.ts';
import { openRemoteLog } from '../../src/log/remote/remote-log.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { schemaRegistryContract } from './schema-registry-contract.ts';

const TOKEN = 'secret';

const embedded = async () => {
  const folder = await temporaryFolder();
  const log = await openEmbeddedLog({ folder, clock: systemClock });
  const registry = await openEmbeddedSchemaRegistry({ folder });
  onTestFinished(async () => {
    await registry.close();
    await log.close();
  });
  return { log, registry };
};

schemaRegistryContract('the registry in memory', async () => ({
  registry: new MemorySchemaRegistry(),
  prefix: '',
}));

schemaRegistryContract('the registry of the embedded log', async () => ({
  registry: (await embedded()).registry,
  prefix: '',
}));

schemaRegistryContract('the registry of a log that another process owns', async () => {
  const server = await serveLog({ ...(await embedded()), token: TOKEN });
  onTestFinished(() => server.close());
  const remote = await openRemoteLog({ address: server.address, token: TOKEN });
  onTestFinished(() => remote.close());
  return { registry: remote.registry, prefix: '' };
});
