import { systemClock } from '../src/core/clock.ts';
import { seededRandom } from '../src/core/random.ts';
import { Arena } from '../src/schemas/arena.ts';
import { avroRecord } from '../src/schemas/avro-codec.ts';
import type { CommitRecord } from '../src/schemas/commit-record.ts';
import type { FeatureVector } from '../src/schemas/feature-vector.ts';
import type { Forecast, ModelRef } from '../src/schemas/forecast.ts';
import type { LateObservation } from '../src/schemas/late-observation.ts';
import type { Observation } from '../src/schemas/observation.ts';
import type { Score } from '../src/schemas/score.ts';
import type { ValueType } from '../src/schemas/serde.ts';
import {
  commitRecordType,
  featureVectorType,
  forecastType,
  lateObservationType,
  observationType,
  scoreType,
  stateBlockType,
} from '../src/schemas/value-types.ts';

// Nanoseconds to encode and to decode one hot record by its generated codec, and avsc beside it on
// the same values: 30 features, horizon 24, two levels, 1,000 different records in turn.

const RECORDS = 1_000;
const ROUNDS = 100;
const FEATURES = 30;
const HORIZON = 24;
const HOUR_MS = 3_600_000;
const START_MS = 990_000_000_000;

/** What one codec costs, and how many times as much avsc does. */
export interface CodecResult {
  readonly record: string;
  readonly bytes: number;
  readonly encodeNanos: number;
  readonly avscEncodeRatio: number;
  readonly decodeNanos: number;
  readonly avscDecodeRatio: number;
}

const random = seededRandom('codecs');
const number = (): number => 100 * random.next();
const doubles = (length: number): Float64Array => Float64Array.from({ length }, number);
const floats = (length: number): Float32Array => Float32Array.from({ length }, number);
const hash = (of: string): string => of.repeat(64).slice(0, 64);
const seriesIdOf = (index: number): string => `series-${String(index).padStart(5, '0')}`;

const model: ModelRef = {
  name: 'departures',
  version: '20010515-0003',
  sha256: hash('0a1b2c'),
  role: 'champion',
};
/** One object for all scores, as a task has it. */
const levels = Float64Array.of(80, 95);
const naiveNames = ['seasonal-naive', 'slot-mean'];
const sourceOf = (offset: number) => ({ topic: 'flights.observations', partition: 3, offset });

const observationOf = (index: number): Observation => ({
  seriesId: seriesIdOf(index),
  eventTime: START_MS + index * HOUR_MS,
  value: number(),
  attributes: {},
});

const taggedObservationOf = (index: number): Observation => ({
  ...observationOf(index),
  attributes: { site: `site-${index % 20}`, unit: 'kWh' },
});

const featureVectorOf = (index: number): FeatureVector => ({
  seriesId: seriesIdOf(index),
  origin: START_MS + index * HOUR_MS,
  schemaHash: hash('7f'),
  values: doubles(FEATURES),
});

const forecastOf = (index: number): Forecast => ({
  forecastId: hash(index.toString(16)),
  seriesId: seriesIdOf(index),
  origin: START_MS + index * HOUR_MS,
  frequency: '1h',
  horizon: HORIZON,
  mean: doubles(HORIZON),
  intervals: [80, 95].map((level) => ({ level, lower: floats(HORIZON), upper: floats(HORIZON) })),
  model,
  schemaHash: hash('7f'),
  strategy: 'direct',
  source: sourceOf(1_000_000 + index),
  trigger: 'observation',
  generatedAt: START_MS + index * HOUR_MS,
});

const scoreOf =
  (steps: number) =>
  (index: number): Score => ({
    seriesId: seriesIdOf(index),
    target: START_MS + index * HOUR_MS,
    actual: number(),
    revision: 0,
    supersededActual: null,
    model,
    levels,
    naiveNames,
    steps: Array.from({ length: steps }, (_, step) => ({
      step: step + 1,
      mean: number(),
      lower: floats(2),
      upper: floats(2),
      naive: floats(2),
      scale: number(),
    })),
  });

const lateObservationOf = (index: number): LateObservation => ({
  observation: observationOf(index),
  watermark: START_MS,
  source: sourceOf(index),
});

const commitRecordOf = (index: number): CommitRecord => ({
  seq: index,
  positions: [{ topic: 'flights', partition: 1, next: 4_000 * index }],
  watermarks: [0, 1, 2, 3].map((partition) => ({
    topic: 'flights',
    partition,
    watermark: START_MS + index,
    idle: false,
    asleep: false,
    sources: '1;flights/0,flights/1,flights/2,flights/3',
    reached: START_MS + index,
  })),
  frequency: '1h',
});

/** The best of many short rounds over all records, in ns a record: what else runs only adds. */
const nanosOf = (run: () => void): number => {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = systemClock.monotonic();
    run();
    best = Math.min(best, systemClock.monotonic() - begun);
  }
  return (best * 1e6) / RECORDS;
};

interface Costs {
  readonly encode: number;
  readonly decode: number;
  readonly bytes: number;
}

const costsOf = <T>(type: ValueType<T>, values: readonly T[]): Costs => {
  const arena = new Arena();
  const encodeAll = (): Buffer[] =>
    values.map((value) => {
      arena.begin();
      type.encode(value, arena);
      return arena.take();
    });
  const encoded = encodeAll();
  const encode = nanosOf(() => {
    for (const value of values) {
      arena.begin();
      type.encode(value, arena);
    }
  });
  let read = 0;
  const decode = nanosOf(() => {
    for (const bytes of encoded) {
      const from = { bytes, position: 0 };
      type.decode(from);
      read += from.position;
    }
  });
  const bytes = encoded.reduce((sum, { length }) => sum + length, 0);
  if (read !== bytes * ROUNDS) throw new Error(`${type.name} was not read to its end`);
  return { encode, decode, bytes: bytes / values.length };
};

const compared = <T>(
  record: string,
  type: ValueType<T>,
  make: (index: number) => T,
): CodecResult => {
  const values = Array.from({ length: RECORDS }, (_, index) => make(index));
  const ours = costsOf(type, values);
  const avsc = costsOf(avroRecord<T>(type.name, type.schema), values);
  return {
    record,
    bytes: Math.round(ours.bytes),
    encodeNanos: Math.round(ours.encode),
    avscEncodeRatio: Number((avsc.encode / ours.encode).toFixed(1)),
    decodeNanos: Math.round(ours.decode),
    avscDecodeRatio: Number((avsc.decode / ours.decode).toFixed(1)),
  };
};

/** Every hot record, encoded and decoded. */
export const codecsBench = (): readonly CodecResult[] => [
  compared('observation', observationType, observationOf),
  compared('observation, 2 attributes', observationType, taggedObservationOf),
  compared('feature vector, 30', featureVectorType, featureVectorOf),
  compared('forecast, 24 × 2 levels', forecastType, forecastOf),
  compared('score, 1 step', scoreType, scoreOf(1)),
  compared('score, 24 steps', scoreType, scoreOf(HORIZON)),
  compared('late observation', lateObservationType, lateObservationOf),
  compared('state block, 200 B', stateBlockType, (index) => ({ data: Buffer.alloc(200, index) })),
  compared('commit record', commitRecordType, commitRecordOf),
];

if (process.argv[1] === import.meta.filename) console.table(codecsBench());
