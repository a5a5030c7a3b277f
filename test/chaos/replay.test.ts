import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import type { LogRecord } from '../../src/log/log.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import { departuresConfig } from '../support/departures-config.ts';
import { writeFlights } from '../support/flight-file.ts';
import { killRuns, type Aim, type Kill } from '../support/killed-runs.ts';
import {
  openRecordedRun,
  recordedBy,
  replayOf,
  topologyOf,
  valuesIn,
  type RecordedRun,
} from '../support/recorded-run.ts';
import { tidecast } from '../support/tidecast-process.ts';
import {
  countIn,
  differenceOf,
  everyRecordOf,
  topicContents,
  type Contents,
} from '../support/topic-contents.ts';
import { TopologyDriver } from '../support/topology-driver.ts';

const AIRPORTS = new Set(['ATL', 'ORD', 'SEA', 'BNA', 'SMF', 'HNL', 'ANC', 'BOI', 'JFK', 'TYS']);
const SEED = process.env['TEST_SEED'] ?? 'replay';
/** Far from the 300 of the run, and no multiple of it. */
const BATCH_RECORDS = 777;

/** Accuracy that no model reaches, so that each week of a champion asks for the next. */
const configIn = (data: string): string =>
  departuresConfig({
    data,
    from: '2001-03-05',
    stream: [
      'monitoring: { wapePercent: 1 }',
      'retraining: { trainingWindowDays: 120, coolDownDays: 0, minImprovement: 0 }',
    ],
    more: ['limits: { stateFlushMs: 500, batchRecordsMax: 300 }'],
  });

/** The flights come in parts, so that models come while there is something left to forecast. */
const PARTS = [7, 15, 18, 20].map((day) => Date.UTC(2001, 2, day));
const KILLS_PER_PART = Number(process.env['TEST_KILLS'] ?? 12) / PARTS.length;
const TIMEOUT_MS = 120_000 + KILLS_PER_PART * 80_000;
/** Far behind the events of their raw partitions. */
const LATE = ['ATL', 'SEA', 'HNL', 'TYS'].map(
  (origin) => `{"date":"2001-02-01T00:00:00","origin":"${origin}"}\n`,
);

const RUN = [
  'run',
  '--roles',
  'ingest,forecasting,monitoring,summary,retraining,training',
  '--until-idle',
];

const WORK = ['observations', 'forecasts', 'scores'].map((name) => `departures.${name}`);
/** In turn. A training begins when its request comes, and takes most of a second. */
const AIMS: readonly Aim[] = [
  { type: 'work', topics: WORK, spanMs: 600 },
  { type: 'start' },
  { type: 'work', topics: ['retraining-requests'], spanMs: 600 },
];
const aims = Array.from(
  { length: KILLS_PER_PART },
  (_, index): Aim => AIMS[index % AIMS.length] ?? { type: 'start' },
);

/** Ids of the requests that nothing answers in this data folder. */
const openRequests = async (data: string): Promise<readonly string[]> => {
  const contents = await topicContents(data, ['retraining-requests', 'models']);
  const namedIn = (topic: string, name: string): readonly string[] =>
    [...(contents.get(topic)?.values() ?? [])].flat().map((text) => {
      // Records of these topics are objects with text under this name.
      const { value } = JSON.parse(text) as { value: Record<string, string> };
      return value[name] ?? '';
    });
  const answered = new Set(namedIn('models', 'requestId'));
  return namedIn('retraining-requests', 'id').filter((id) => !answered.has(id));
};

/** Without how far event time is complete and who is idle, which the clock has a part in. */
const ofEvents = (contents: Contents): Contents =>
  new Map(
    [...contents]
      .filter(([topic]) => !topic.endsWith('.decisions'))
      .map(([topic, byKey]) => {
        const isOfEvents = (key: string): boolean => !key.includes('\u0000watermark');
        return [topic, new Map([...byKey].filter(([key]) => isOfEvents(key)))];
      }),
  );

/** What a model event says, but for the moment at which it was written. */
const said = ({ decidedAt: _decidedAt, ...event }: ModelEvent): object => event;

describe('a run with training that is killed again and again', () => {
  let folder = '';
  const kills: Kill[] = [];
  /** Requests that were open at a kill. */
  const interrupted = new Set<string>();
  let run: RecordedRun;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    await writeFile(join(folder, 'tidecast.yaml'), configIn(join(folder, 'data')));
    const random = seededRandom(SEED);
    const file = join(folder, 'flights.jsonl');
    for (const [part, toMs] of PARTS.entries()) {
      const fromMs = PARTS[part - 1];
      await writeFlights(file, AIRPORTS, fromMs === undefined ? { toMs } : { fromMs, toMs });
      await writeFile(file, LATE.join(''), { flag: 'a' });
      await tidecast(folder, 'produce', 'flights.jsonl', '--topic', 'flights');
      const keepsStores = (): boolean => random.next() < 0.5;
      const onKill = async (data: string): Promise<void> => {
        for (const id of await openRequests(data)) interrupted.add(id);
      };
      const options = { folder, args: RUN, aims, random, keepsStores, onKill };
      kills.push(...(await killRuns(options)));
      await tidecast(folder, ...RUN);
    }
    run = await openRecordedRun(folder);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await run.close();
    await rm(folder, { recursive: true, force: true });
  });

  const modelEvents = (): Promise<readonly ModelEvent[]> =>
    valuesIn(run.log, run.parts.topics.models, run.serdes.modelEvent);

  it('was killed often enough, and had models come and serve', async () => {
    const types = (await modelEvents()).map(({ type }) => type);
    expect(types.filter((type) => type === 'ModelTrained').length).toBeGreaterThan(1);
    expect(types).toContain('ModelPromoted');
    const { topics } = run.parts;
    const forecasts = await valuesIn(run.log, topics.forecasts, run.serdes.forecast);
    const roles = forecasts.map(({ model }) => `${model.role} ${model.sha256 !== ''}`);
    expect(roles.filter((role) => role === 'champion true').length).toBeGreaterThan(500);
    const hits = kills.filter(({ grew }) => WORK.some((topic) => grew.has(topic)));
    expect(kills.length, `seed ${SEED}`).toBeGreaterThan(PARTS.length);
    expect(hits.length, `seed ${SEED}`).toBeGreaterThan(2);
  });

  it('was killed while it trained, and trained again', async () => {
    const { log, parts, serdes } = run;
    const events = await modelEvents();
    const trained = events.filter(({ type }) => type === 'ModelTrained');
    const again = trained.filter(({ requestId }) => interrupted.has(requestId));
    expect(again.length, `seed ${SEED}`).toBeGreaterThan(0);
    const asked = await valuesIn(log, parts.topics['retraining-requests'], serdes.request);
    const answered = new Set(events.map(({ requestId }) => requestId));
    expect(asked.filter(({ id }) => !answered.has(id))).toEqual([]);
  });

  it(
    'left of ingest what a replay of its raw events from empty state writes',
    async () => {
      const recorded = ofEvents(await recordedBy(run, 'ingest'));
      const replayed = ofEvents(await replayOf(run, 'ingest', BATCH_RECORDS));
      expect(differenceOf(recorded, replayed)).toBeUndefined();
      expect(countIn(recorded)).toBeGreaterThan(100_000);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['forecasting', 15_000],
    ['monitoring', 1_000],
    ['summary', 40],
  ])(
    'left of %s what a replay of its log and decisions from empty state writes',
    async (name, least) => {
      const recorded = await recordedBy(run, name);
      const replayed = await replayOf(run, name, BATCH_RECORDS);
      expect(differenceOf(recorded, replayed)).toBeUndefined();
      expect(countIn(recorded)).toBeGreaterThan(least);
    },
    TIMEOUT_MS,
  );

  it('left models that their requests give again, to the byte', async () => {
    const { log, parts, serdes, made } = run;
    const events = await modelEvents();
    const asked = new Map<string, LogRecord>();
    for await (const record of everyRecordOf(log, parts.topics['retraining-requests'])) {
      const request = serdes.request.decode(record.value);
      if (request.ok) asked.set(request.value.id, record);
    }
    const driver = new TopologyDriver(topologyOf(run, 'training'));
    // In the order of their answers, since each is judged against the champion of its time.
    for (const id of new Set(events.map(({ requestId }) => requestId))) {
      const request = asked.get(id);
      if (request !== undefined) await driver.feed([request]);
    }
    const again = driver.sent.map(({ value }) => serdes.modelEvent.decode(value));
    expect(again.map((event) => (event.ok ? said(event.value) : event))).toEqual(events.map(said));
    const trained = events.filter(({ type }) => type === 'ModelTrained');
    expect([...made.names()].sort()).toEqual(trained.map(({ sha256 }) => sha256).sort());
    expect(trained.length).toBeGreaterThan(1);
  }, 60_000);
});
