import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxModelShelf, openJudged } from '../../src/cli/run/onnx-model-shelf.ts';
import { parseFrequency } from '../../src/core/frequency.ts';
import { partitionOf } from '../../src/core/murmur2.ts';
import { endOf, type Panel } from '../../src/evaluation/history.ts';
import { aggregation } from '../../src/features/aggregation.ts';
import { memoryLog } from '../../src/log/memory/memory-log.ts';
import { openOnnxRuntime } from '../../src/models/onnx/onnx-forecaster.ts';
import { ridgeTrainer } from '../../src/retraining/trainers/ridge.ts';
import { sealed } from '../../src/retraining/trainers/sealed.ts';
import type { RidgeOptions } from '../../src/retraining/trainers/ridge-fit.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import type { RetrainingRequest } from '../../src/schemas/retraining-request.ts';
import { observationType } from '../../src/schemas/value-types.ts';
import type { ReadyModel } from '../../src/streams/topologies/forecasting/model-shelf.ts';
import { training } from '../../src/streams/topologies/training.ts';
import { replayedHistory } from '../../src/streams/topologies/training/replay.ts';
import { flightsCounts, type AirportCounts } from '../support/flights-counts.ts';
import { protocolErrors, TEST_DAYS } from '../support/flights-protocol.ts';
import { hourlySchema } from '../support/hourly-schema.ts';
import { memoryArtifactStore } from '../support/memory-artifact-store.ts';
import { valuesOf } from '../support/quality-topologies.ts';
import { modelRecord, SERDES, topic } from '../support/retraining-topologies.ts';
import { TopologyDriver } from '../support/topology-driver.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PARTITIONS = 4;
const OBSERVATIONS = 's.observations';
const schema = hourlySchema();
const runtime = openOnnxRuntime({ workers: 1 });

let airports: AirportCounts[];
let end: number;

beforeAll(async () => {
  airports = await flightsCounts(60);
  end = endOf(airports);
}, 120_000);

afterAll(() => runtime.close());

const requestOf = (id: string, endMs: number): RetrainingRequest => ({
  ...{ id, model: 'm', stream: 's', reason: 'schedule', evidence: '{}' },
  trainingWindow: { start: endMs - 365 * DAY, end: endMs, offsets: [] },
});

describe('the history of real departures', () => {
  it('is counted from the log as it is from the file', async () => {
    // The quietest ones, so that a log in memory holds them.
    const quiet = airports.slice(-8);
    const log = memoryLog({ clock: { now: () => 0, monotonic: () => 0 } });
    await log.ensureTopics([{ name: OBSERVATIONS, partitions: PARTITIONS, cleanup: 'delete' }]);
    const serde = await openSerde(new MemorySchemaRegistry(), OBSERVATIONS, observationType);
    let events = 0;
    for (const { seriesId, firstPeriod, values } of quiet) {
      const key = Buffer.from(seriesId);
      const records = [...values].flatMap((count, hour) =>
        Array.from({ length: count }, (_, index) => {
          const eventTime = (firstPeriod + hour) * HOUR + index * 1_000;
          const value = serde.encode({ seriesId, eventTime, value: null, attributes: {} });
          return { key, value, headers: { source: 'flights:0:0' } };
        }),
      );
      events += records.length;
      log.append(OBSERVATIONS, partitionOf(key, PARTITIONS), records);
    }
    const offsets = await Promise.all(
      Array.from({ length: PARTITIONS }, async (_, partition) => {
        const { stableEnd } = await log.offsets(OBSERVATIONS, partition);
        return { topic: OBSERVATIONS, partition, next: stableEnd };
      }),
    );
    const history = replayedHistory({
      ...{ log, observations: OBSERVATIONS, serde, aggregation: aggregation('count') },
      ...{ frequency: parseFrequency('1h'), lookback: 0, holidays: null },
      timeZoneAttribute: undefined,
    });
    const request = requestOf('r', end * HOUR);
    const { series } = await history(
      { ...request, trainingWindow: { ...request.trainingWindow, offsets } },
      new AbortController().signal,
    );
    expect(series).toHaveLength(8);
    for (const { seriesId, firstPeriod, values } of series) {
      const counted = quiet.find((one) => one.seriesId === seriesId);
      const before = firstPeriod - (counted?.firstPeriod ?? 0);
      expect(counted?.values.subarray(0, before).every((count) => count === 0)).toBe(true);
      expect(values).toEqual(counted?.values.slice(before));
    }
    expect(events).toBeGreaterThan(50_000);
  }, 60_000);
});

/** Of the last steps, for targets in an hour of the day. */
const sigmaAt = ({ errors }: ReadyModel, hour: number): number =>
  errors?.sigma[hour]?.at(-1) ?? Number.NaN;

describe('training on real departures of 60 airports', () => {
  const artifacts = memoryArtifactStore();
  let crowned: ModelEvent[];

  /** A training task whose histories end where the window of its request does. */
  const task = (options: RidgeOptions = {}): TopologyDriver =>
    new TopologyDriver(
      training({
        stream: 's',
        requests: topic('retraining-requests'),
        models: topic('models'),
        serdes: SERDES,
        periods: parseFrequency('1h'),
        featureSchema: schema,
        clock: { now: () => 0, monotonic: () => 0 },
        trainer: ridgeTrainer(options),
        artifacts,
        open: openJudged(runtime),
        seal: sealed,
        history: async ({ trainingWindow }): Promise<Panel> => ({
          series: airports.map(({ seriesId, firstPeriod, values }) => ({
            ...{ seriesId, firstPeriod },
            values: values.slice(0, trainingWindow.end / HOUR - firstPeriod),
          })),
          holidays: null,
        }),
        policy: { minImprovement: 0.05, judgeDays: 28 },
      }),
    );

  const answerOf = async (driver: TopologyDriver, id: string): Promise<ModelEvent[]> => {
    const request = requestOf(id, end * HOUR - TEST_DAYS * DAY);
    const value = SERDES.request.encode(request);
    const sent = await driver.feed([{ topic: 'retraining-requests', key: 'm', value }]);
    return valuesOf(sent, 'models', SERDES.modelEvent);
  };

  beforeAll(async () => {
    crowned = await answerOf(task(), 'a'.repeat(32));
  }, 120_000);

  it('promotes a model that beats the four-week slot mean on days nobody has seen', async () => {
    const [made, decided] = crowned;
    expect(decided).toMatchObject({ type: 'ModelPromoted', sha256: made?.sha256 });
    const shelf = onnxModelShelf({ artifacts, runtime, featureSchema: schema });
    const { sha256 = '', version = '' } = decided ?? {};
    const model = await shelf.load({ name: 'm', version, sha256, role: 'champion' });
    const wapes = await protocolErrors(model, { series: airports, holidays: null });
    expect(wapes.get('slot-mean')).toBeCloseTo(0.1525, 3);
    expect(wapes.get('model')).toBeLessThan(0.148);
    // An hour of the night is off by less than one of the day, in units of a series' scale.
    expect(model.errors?.sigma).toHaveLength(24);
    expect(sigmaAt(model, 3) / sigmaAt(model, 15)).toBeLessThan(0.7);
  }, 120_000);

  it('makes the same bytes of the same request by another task', async () => {
    expect(await answerOf(task(), 'a'.repeat(32))).toEqual(crowned);
  }, 120_000);

  it('rejects a challenger that learnt from shuffled targets, with its numbers', async () => {
    const driver = task({ shuffleTargets: 'noise' });
    await driver.feed(crowned.map(modelRecord));
    const [made, decided] = await answerOf(driver, 'c'.repeat(32));
    expect(made?.type).toBe('ModelTrained');
    expect(decided).toMatchObject({ type: 'ModelRejected', sha256: made?.sha256 });
    expect(JSON.parse(decided?.gate ?? '')).toMatchObject({
      promote: false,
      comparisons: [{ rival: 'champion' }, { rival: 'slot-mean' }],
    });
    const { comparisons } = JSON.parse(decided?.gate ?? '') as {
      readonly comparisons: readonly { readonly improvement: number }[];
    };
    for (const { improvement } of comparisons) expect(improvement).toBeLessThan(-0.1);
  }, 120_000);
});
