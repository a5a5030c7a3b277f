import type { Clock } from '../../src/core/clock.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/duration.ts';
import { memoryLog } from '../../src/log/memory/memory-log.ts';
import { openOnline, type Online, type OnlineOptions } from '../../src/online/online.ts';
import type { OnlineStream } from '../../src/online/stream-view.ts';
import type { Accuracy } from '../../src/schemas/accuracy.ts';
import type { Forecast, ModelRef } from '../../src/schemas/forecast.ts';
import type { ModelEvent, ModelPromoted, ModelTrained } from '../../src/schemas/model-event.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import type { ValueType } from '../../src/schemas/serde.ts';
import { sharedTopics, streamTopics } from '../../src/schemas/topics.ts';
import * as types from '../../src/schemas/value-types.ts';
import { CHAMPION } from './scores.ts';

export const START = Date.UTC(2001, 4, 15);
export const HORIZON = 24;

export const DEPARTURES: OnlineStream = {
  name: 'departures',
  frequency: '1h',
  periodMs: HOUR_MS,
  graceMs: 0,
  staleAfterMs: 6 * HOUR_MS,
  deadAfterMs: 30 * DAY_MS,
  levels: [80, 95],
};

export const hour = (at: number): number => START + at * HOUR_MS;

/** A forecast of 24 hours whose mean is the number of the step. */
export const forecastOf = (given: Partial<Forecast> = {}): Forecast => {
  const mean = Float64Array.from({ length: HORIZON }, (_, at) => at + 1);
  const bound = (by: number): Float32Array => Float32Array.from(mean, (value) => value + by);
  return {
    forecastId: 'f-1',
    seriesId: 'ATL',
    origin: hour(0),
    frequency: '1h',
    horizon: HORIZON,
    mean,
    intervals: [
      { level: 80, lower: bound(-1), upper: bound(1) },
      { level: 95, lower: bound(-2), upper: bound(2) },
    ],
    model: CHAMPION,
    schemaHash: 'hash',
    strategy: 'direct',
    source: { topic: 'departures.observations', partition: 0, offset: 1 },
    trigger: 'observation',
    generatedAt: hour(1),
    ...given,
  };
};

const EVENT = {
  stream: 'departures',
  model: 'departures',
  actor: 'trainer',
  reason: 'schedule',
  requestId: 'r-1',
  gate: '{"gain":0.1}',
} as const;

export const trained = (version: string, given: Partial<ModelTrained> = {}): ModelTrained => ({
  ...EVENT,
  type: 'ModelTrained',
  version,
  sha256: `sha-${version}`,
  decidedAt: START,
  trainer: 'ridge',
  schemaHash: 'hash',
  horizon: HORIZON,
  trainedFrom: START - 365 * DAY_MS,
  trainedTo: START,
  rows: 1_000,
  ...given,
});

export const promoted = (version: string, given: Partial<ModelPromoted> = {}): ModelPromoted => ({
  ...EVENT,
  type: 'ModelPromoted',
  version,
  sha256: `sha-${version}`,
  decidedAt: START,
  previous: '',
  effectiveFrom: START,
  ...given,
});

export const accuracyOf = (given: Partial<Accuracy> = {}): Accuracy => ({
  scope: 'model',
  stream: 'departures',
  model: CHAMPION,
  window: { kind: '7d', start: START - 7 * DAY_MS, end: START, count: 100 },
  metrics: { wape: 0.1, mape: null },
  perStep: [],
  revision: 0,
  ...given,
});

/** A log in memory with the topics of one stream, and a view that follows it. */
export class ViewedLog {
  nowMs = hour(2);
  readonly clock: Clock = { now: () => this.nowMs, monotonic: () => performance.now() };
  readonly log = memoryLog({ clock: this.clock });
  readonly registry = new MemorySchemaRegistry();
  private readonly naming = { prefix: '', partitions: 2, historyMs: 0 };
  private readonly topics = streamTopics('departures', this.naming);

  async ensureTopics(): Promise<void> {
    const shared = sharedTopics(this.naming);
    await this.log.ensureTopics([...Object.values(this.topics), ...Object.values(shared)]);
  }

  async open(given: Partial<OnlineOptions> = {}): Promise<Online> {
    await this.ensureTopics();
    return openOnline({
      log: this.log,
      registry: this.registry,
      openSerde,
      topicPrefix: '',
      streams: [DEPARTURES],
      clock: this.clock,
      ...given,
    });
  }

  async append<T>(
    type: ValueType<T>,
    { topic, partition = 0 }: { readonly topic: string; readonly partition?: number },
    values: readonly T[],
  ): Promise<void> {
    const serde = await openSerde(this.registry, topic, type);
    const records = values.map((value) => ({ key: Buffer.from('k'), value: serde.encode(value) }));
    this.log.append(topic, partition, records);
  }

  forecasts(...values: readonly Forecast[]): Promise<void> {
    return this.append(types.forecastType, { topic: 'departures.forecasts' }, values);
  }

  models(...values: readonly ModelEvent[]): Promise<void> {
    return this.append(types.modelEventType, { topic: 'models' }, values);
  }

  accuracies(...values: readonly Accuracy[]): Promise<void> {
    return this.append(types.accuracyType, { topic: 'departures.accuracy' }, values);
  }
}

export const shadowOf = (model: ModelRef): ModelRef => ({ ...model, role: 'shadow' });

const TRIES_MAX = 2_000;

/** Turns the event loop until the condition holds; a bound instead of a sleep. */
export const until = async (
  holds: () => boolean | Promise<boolean>,
  what = 'the condition',
): Promise<void> => {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${what} did not come to hold`);
};

/** Whether everything that the log holds now has been followed. */
export const caughtUp = async (online: Online, log: ViewedLog['log']): Promise<void> => {
  const states = await log.topics();
  const endOf = (topic: string, partition: number): number =>
    states.find(({ definition }) => definition.name === topic)?.offsets[partition]?.stableEnd ?? 0;
  await until(
    () =>
      online.feed
        .lanesOf({ series: { stream: 'departures', id: '' } })
        .every(({ followed, partition, next }) => next >= endOf(followed.topic, partition)),
    'following to the end',
  );
};
