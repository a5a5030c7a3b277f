import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendRequest } from '../../../src/cli/append-request.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryLog } from '../../../src/log/memory/memory-log.ts';
import { MemorySchemaRegistry } from '../../../src/schemas/registry/memory-schema-registry.ts';
import { settledRegistry } from '../../../src/schemas/registry/settled-registry.ts';
import type { RetrainingRequest } from '../../../src/schemas/retraining-request.ts';
import { called, type Ended } from '../../support/kafka-cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const STREAM = 'source: { topic: sales, series: s, time: t, value: v }, frequency: 1d';
const CLASH = JSON.stringify({
  type: 'record',
  name: 'Forecast',
  fields: [{ name: 'seriesId', type: 'bytes' }],
});

class LaxRegistry extends MemorySchemaRegistry {
  level = 'BACKWARD_TRANSITIVE';

  override async compatibility(): Promise<string> {
    return this.level;
  }
}

/** Commands on a log in memory, with a registry as that of Kafka or of the embedded log. */
const configured = async (kind: 'kafka' | 'embedded') => {
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  await writeFile(file, `data: ${folder}\nlog: ${kind}\nstreams: { shop: { ${STREAM} } }\n`);
  const registry = new LaxRegistry();
  const log = memoryLog({ clock: systemClock });
  await log.ensureTopics([{ name: 'sales', partitions: 4, cleanup: 'delete' }]);
  const call = (...args: readonly string[]): Promise<Ended> =>
    called([...args, '--config', file], {}, async (_, { registersSchemas = false } = {}) => ({
      log,
      registry: kind === 'kafka' && !registersSchemas ? settledRegistry(registry) : registry,
      isRemote: false,
      ownerPid: process.pid,
      share: async () => undefined,
      close: async () => undefined,
    }));
  const json = async (...args: readonly string[]): Promise<readonly Record<string, unknown>[]> =>
    (await call('schemas', ...args, '--json')).out
      .trimEnd()
      .split('\n')
      // Every line of a JSON result is an object.
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { registry, log, call, json, config: loadConfig({ file, env: {} }) };
};

const SUBJECTS = ['shop.forecasts-value', 'models-value', 'sales.dead-letters-value'] as const;
const CHANGELOG = 'tidecast.shop.forecasting.changelog';

describe('tidecast schemas', () => {
  it('names what is missing, registers it, and finds it all', async () => {
    const { call, json } = await configured('kafka');
    const before = await json('check');
    expect(new Set(before.map(({ verdict }) => verdict))).toEqual(new Set(['missing']));
    const names = before.map(({ subject }) => subject);
    for (const name of [...SUBJECTS, `${CHANGELOG}-value`, `${CHANGELOG}.commit-value`]) {
      expect(names).toContain(name);
    }
    const { code, err } = await call('schemas', 'check');
    expect(code).toBe(1);
    expect(err).toContain('call `tidecast schemas register`');
    const registered = await json('register');
    expect(registered.map(({ subject }) => subject)).toEqual(names);
    expect(registered[0]).toMatchObject({ version: 1 });
    expect((await call('schemas', 'check')).code).toBe(0);
    expect((await json('check'))[0]).toMatchObject({ verdict: 'registered', version: 1 });
    expect((await json('list')).map(({ subject }) => subject)).toEqual(names);
  });

  it('are looked at by the doctor too', async () => {
    const { call } = await configured('kafka');
    expect((await call('doctor')).out).toMatch(
      /WARN {2}schemas: the registry lacks \d+, and `run` alone ends with SCHEMA_MISSING: call/,
    );
    expect((await call('doctor')).out).toContain('WARN  prefix: kafka.topicPrefix is empty');
    expect((await call('doctor', '--set', 'kafka.topicPrefix=shop.')).out).toContain(
      'pass  prefix: topics of tidecast begin with shop.',
    );
    await call('schemas', 'register');
    expect((await call('doctor')).out).toMatch(/pass {2}schemas: all \d+ are there/);
  });

  it('fail the doctor where one clashes', async () => {
    const { registry, call } = await configured('kafka');
    await registry.register('shop.forecasts-value', CLASH);
    expect((await call('doctor')).out).toMatch(/FAIL {2}schemas: .*shop\.forecasts-value/);
  });

  it('are what a run needs: it registers nothing more', async () => {
    const { registry, call } = await configured('kafka');
    await call('schemas', 'register');
    const before = await registry.subjects();
    const { code, err } = await call('run', '--until-idle', '--roles', 'ingest,forecasting');
    expect(code, err).toBe(0);
    expect(await registry.subjects()).toEqual(before);
  }, 30_000);

  it('that are missing keep a run on Kafka from leaving anything behind', async () => {
    const { registry, log, call } = await configured('kafka');
    const { code, err } = await call('run', '--until-idle');
    expect(code).toBe(1);
    expect(err).toMatch(/not registered yet: .*shop\.forecasts-value.*--register-schemas/);
    expect(err).toContain('(SCHEMA_MISSING)');
    expect(await registry.subjects()).toEqual([]);
    expect((await log.topics()).map(({ definition }) => definition.name)).toEqual(['sales']);
    const roles = ['--roles', 'ingest'];
    const flagged = await call('run', '--until-idle', '--register-schemas', ...roles);
    expect(flagged.code, flagged.err).toBe(0);
    expect(await registry.subjects()).not.toEqual([]);
  }, 30_000);

  it('that are missing are not added by commands that write', async () => {
    const { registry, log, config } = await configured('kafka');
    // Refused before it is looked at.
    const request = { model: 'shop' } as RetrainingRequest;
    const opened = { log, registry: settledRegistry(registry) };
    await expect(appendRequest(opened, config, request)).rejects.toMatchObject({
      code: 'SCHEMA_MISSING',
    });
    expect(await registry.subjects()).toEqual([]);
    expect((await log.topics()).map(({ definition }) => definition.name)).toEqual(['sales']);
  });

  it('that clash are named with the version, and nothing registers them', async () => {
    for (const kind of ['kafka', 'embedded'] as const) {
      const { registry, call, json } = await configured(kind);
      await registry.register('shop.forecasts-value', CLASH);
      const findings = await json('check');
      expect(findings.filter(({ verdict }) => verdict === 'incompatible')).toMatchObject([
        { subject: 'shop.forecasts-value', version: 1 },
      ]);
      for (const args of [
        ['schemas', 'check'],
        ['schemas', 'register'],
        ['run', '--until-idle', '--register-schemas'],
      ]) {
        const { code, out, err } = await call(...args);
        expect(code).toBe(1);
        expect(out + err).toContain('shop.forecasts-value cannot read version 1');
      }
      expect(await registry.versions('shop.forecasts-value')).toHaveLength(1);
    }
  }, 30_000);

  it('that differ but fit are registered as another version', async () => {
    const { registry, call, json } = await configured('kafka');
    await call('schemas', 'register');
    const [needed] = await registry.versions('shop.forecasts-value');
    // The last field has a default, so that one without it can be read.
    const older = JSON.parse(needed?.schema ?? '{}') as { fields: { default?: unknown }[] };
    const fields = older.fields.filter((field) => field.default === undefined);
    const other = await configured('kafka');
    await other.registry.register(
      'shop.forecasts-value',
      JSON.stringify({ ...older, doc: 'older', fields }),
    );
    expect((await other.json('check')).find(({ version }) => version === 1)).toMatchObject({
      verdict: 'compatible',
    });
    expect((await other.call('schemas', 'register')).code).toBe(0);
    expect(await other.registry.versions('shop.forecasts-value')).toHaveLength(2);
    expect(await json('check')).toHaveLength((await other.json('check')).length);
  });

  it('under a weaker level are refused', async () => {
    const { registry, call } = await configured('kafka');
    await call('schemas', 'register');
    registry.level = 'BACKWARD';
    const { code, out } = await call('schemas', 'check');
    expect(code).toBe(1);
    expect(out).toContain('weak: models-value is held to BACKWARD instead of BACKWARD_TRANSITIVE');
    const run = await call('run', '--until-idle');
    expect(run.err).toContain('(SCHEMA_COMPATIBILITY_WEAK)');
    expect(run.code).toBe(1);
  });

  it('need no registering on the embedded log', async () => {
    const { call } = await configured('embedded');
    const { code, out } = await call('schemas', 'check');
    expect(code).toBe(0);
    expect(out).toMatch(/models-value +missing/);
  });
});
