import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeatureVector } from '../../src/schemas/feature-vector.ts';
import type { Forecast } from '../../src/schemas/forecast.ts';
import { writeFlights } from '../support/flight-file.ts';
import { npyMatrix } from '../support/npy-matrix.ts';
import { ROOT } from '../support/repository.ts';
import { tidecast } from '../support/tidecast-process.ts';

/** A Python that has what the example's requirements.txt names; without one, what it once made. */
const PYTHON = process.env['TEST_PYTHON'];
/** Keeps what that Python makes as what is committed. */
const REWRITES = process.env['TEST_REWRITE'] === '1';
const COMMITTED = join(ROOT, 'test/fixtures/own-models');

const AIRPORTS = new Set(['BOI', 'TYS', 'OMA']);
const DAY = 86_400_000;
/** Until then the stream has run with no model; the two days from there on are forecast. */
const UNTIL = Date.UTC(2001, 2, 12);
const ROLES = ['run', '--until-idle', '--roles', 'ingest,forecasting,training'];

// Without holidays, the version of which would be one of the features.
const CONFIG = `
clock: { start: 2001-07-01T00:00:00Z }
streams:
  departures:
    source: { topic: flights, series: origin, time: date }
    frequency: 1h
    aggregate: count
    grace: 10m
    idleAfter: 30d
    forecast: { from: 2001-03-09T00:00:00Z }
`;

const MODELS = [
  { name: 'ridge', strategy: 'direct' },
  { name: 'lightgbm', strategy: 'per-step' },
] as const;

const folders: string[] = [];

/** An application that has seen all flights before an instant. */
const application = async (untilMs: number): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
  folders.push(folder);
  await writeFile(join(folder, 'tidecast.yaml'), CONFIG);
  await feed(folder, 0, untilMs);
  return folder;
};

const feed = async (folder: string, fromMs: number, toMs: number): Promise<void> => {
  await writeFlights(join(folder, 'flights.jsonl'), AIRPORTS, { fromMs, toMs });
  await tidecast(folder, 'produce', 'flights.jsonl', '--topic', 'flights');
  await tidecast(folder, ...ROLES);
};

const values = async <T>(folder: string, topic: string): Promise<readonly T[]> =>
  (await tidecast(folder, 'topics', 'read', topic, '--json'))
    .split('\n')
    .filter((line) => line !== '')
    // By the topic.
    .map((line) => (JSON.parse(line) as { value: T }).value);

/** What Python said of each series and origin, by the file that the example's script writes. */
const saidIn = (folder: string, name: string): ReadonlyMap<string, readonly number[]> => {
  const [, ...lines] = readFileSync(join(folder, `${name}.csv`), 'utf8')
    .trim()
    .split('\n');
  return new Map(
    lines.map((line) => {
      const [series = '', origin = '', ...means] = line.split(',');
      return [`${series} ${Date.parse(origin)}`, means.map(Number)];
    }),
  );
};

/** Does what the example's README does, on flights that go beyond what is forecast. */
const trainedByPython = async (python: string): Promise<string> => {
  const folder = await application(UNTIL + 3 * DAY);
  for (const { name, strategy } of MODELS) {
    await tidecast(folder, 'train', '--export', strategy, '--strategy', strategy);
    const script = join(ROOT, 'examples/bring-your-own-model/train.py');
    const args = [strategy, `${name}.onnx`, '--kind', name, '--until', '2001-03-12'];
    execFileSync(python, [script, ...args], { cwd: folder });
    if (!REWRITES) continue;
    for (const file of [`${name}.onnx`, `${name}.csv`]) {
      copyFileSync(join(folder, file), join(COMMITTED, file));
    }
  }
  return folder;
};

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe('a model that was trained in Python', () => {
  let models = COMMITTED;
  let folder = '';

  beforeAll(async () => {
    if (PYTHON !== undefined) models = await trainedByPython(PYTHON);
    folder = await application(UNTIL);
    for (const { name } of MODELS) {
      await tidecast(folder, 'models', 'register', join(models, `${name}.onnx`), '--name', name);
    }
    await tidecast(folder, ...ROLES);
    for (const [day, { name }] of MODELS.entries()) {
      await tidecast(folder, 'models', 'promote', `departures@${name}`);
      await tidecast(folder, ...ROLES);
      await feed(folder, UNTIL + day * DAY, UNTIL + (day + 1) * DAY);
    }
  }, 240_000);

  it('is the one whose hash is noted where it is committed', () => {
    const noted = readFileSync(join(COMMITTED, 'README.md'), 'utf8');
    for (const { name } of MODELS) {
      const bytes = readFileSync(join(COMMITTED, `${name}.onnx`));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(noted).toContain(`| \`${name}.onnx\` | \`${sha256}\` |`);
    }
  });

  it('forecasts what Python says that it does', async () => {
    const forecasts = (await values<Forecast>(folder, 'departures.forecasts')).filter(
      ({ origin, model }) => origin >= UNTIL && model.role === 'champion',
    );
    for (const { name, strategy } of MODELS) {
      const said = saidIn(models, name);
      const own = forecasts.filter(({ model }) => model.version === name);
      expect(own.length).toBeGreaterThan(AIRPORTS.size * 20);
      for (const { seriesId, origin, mean, strategy: told } of own) {
        const wanted = said.get(`${seriesId} ${origin}`) ?? [];
        const apart = mean.map((value, step) => {
          const other = wanted[step] ?? Number.NaN;
          return Math.abs(value - other) / Math.max(1, Math.abs(other));
        });
        expect(told).toBe(strategy);
        expect(Math.max(...apart)).toBeLessThan(1e-6);
      }
    }
  }, 60_000);

  it('has learnt from rows that are those of the stream, bit by bit', async () => {
    await tidecast(folder, 'train', '--export', 'rows');
    const { rows, width } = npyMatrix(join(folder, 'rows/features.npy'));
    const [, ...lines] = readFileSync(join(folder, 'rows/origins.csv'), 'utf8').trim().split('\n');
    const published = new Map(
      (await values<FeatureVector>(folder, 'departures.features')).map((vector) => [
        `${vector.seriesId},${new Date(vector.origin).toISOString().replace('.000', '')}`,
        vector.values,
      ]),
    );
    let compared = 0;
    for (const [row, line] of lines.entries()) {
      const scalars = published.get(line);
      if (scalars === undefined) continue;
      // JSON has no NaN.
      const own = [...rows.subarray(row * width, row * width + scalars.length)];
      expect(own.map((value) => (Number.isNaN(value) ? null : value))).toEqual(scalars);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(AIRPORTS.size * 24);
  }, 60_000);
});
