import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { confluentRegistry } from '../../src/schemas/registry/confluent-registry.ts';
import { settledRegistry } from '../../src/schemas/registry/settled-registry.ts';
import { describeOnKafka } from '../support/on-kafka.ts';
import { recordOf, schemaRegistryContract } from './schema-registry-contract.ts';

const START_MS = 360_000;

describeOnKafka('with a real registry', () => {
  let kafka: RunningKafka;
  let folder = '';
  let count = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    kafka = await startKafka({ brokers: 1, folder });
  }, START_MS);

  afterAll(async () => {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const open = () => confluentRegistry({ address: kafka.registry });
  const put = async (path: string, method: string, body: object): Promise<void> => {
    const { ok } = await fetch(`${kafka.registry}/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(ok).toBe(true);
  };

  schemaRegistryContract('the registry of Kafka', async () => {
    count += 1;
    return { registry: open(), prefix: `c${count}.` };
  });

  it('strengthens what others hold a subject to, where it may', async () => {
    const schema = recordOf('x');
    await put('subjects/weak-value/versions', 'POST', { schema });
    await put('config/weak-value', 'PUT', { compatibility: 'BACKWARD' });
    const settled = settledRegistry(open());
    await expect(settled.register('weak-value', schema)).rejects.toMatchObject({
      code: 'SCHEMA_COMPATIBILITY_WEAK',
      message: expect.stringContaining('weak-value is held to BACKWARD instead of') as string,
    });
    expect(await open().register('weak-value', schema)).toMatchObject({ version: 1 });
    expect(await open().compatibility('weak-value')).toBe('BACKWARD_TRANSITIVE');
    expect(await settled.register('weak-value', schema)).toMatchObject({ version: 1 });
  });

  it('leaves a level that promises more', async () => {
    const schema = recordOf('x');
    await open().register('full-value', schema);
    await put('config/full-value', 'PUT', { compatibility: 'FULL_TRANSITIVE' });
    await open().register('full-value', schema);
    expect(await open().compatibility('full-value')).toBe('FULL_TRANSITIVE');
  });

  it('is not added to by who may not', async () => {
    await expect(settledRegistry(open()).register('none-value', '"long"')).rejects.toMatchObject({
      code: 'SCHEMA_MISSING',
      message: expect.stringContaining('tidecast schemas register') as string,
    });
    expect(await open().versions('none-value')).toEqual([]);
  });
});
