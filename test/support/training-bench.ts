import { createHash } from 'node:crypto';
import { parseFrequency } from '../../src/core/frequency.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { ErrorProfile } from '../../src/models/error-profile.ts';
import type { Panel } from '../../src/evaluation/history.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import { TrainingError } from '../../src/retraining/errors.ts';
import type { Trainer, TrainingInput } from '../../src/retraining/trainer.ts';
import { fitRidge } from '../../src/retraining/trainers/ridge-fit.ts';
import { featureSchemaHash, type FeatureSchema } from '../../src/schemas/feature-schema.ts';
import type { ModelEvent } from '../../src/schemas/model-event.ts';
import type { RetrainingReason, RetrainingRequest } from '../../src/schemas/retraining-request.ts';
import { training, type TrainingOptions } from '../../src/streams/topologies/training.ts';
import { hourlySchema } from './hourly-schema.ts';
import { linearForecaster } from './linear-forecaster.ts';
import { memoryArtifactStore } from './memory-artifact-store.ts';
import { valuesOf } from './quality-topologies.ts';
import { SERDES, topic } from './retraining-topologies.ts';
import { TopologyDriver, type FedRecord } from './topology-driver.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const FIRST = 240_000;
const DAYS = 90;
export const END = (FIRST + DAYS * 24) * HOUR;
export const NOW = END + 5 * DAY;
export const schema = hourlySchema();
const otherSchema: FeatureSchema = { ...schema, terms: [...schema.terms].reverse() };

/**
 * Hours with a day's shape, a week's level that wanders, and noise: more than a slot mean can say.
 */
export const panelOf = (days = DAYS): Panel => {
  const random = seededRandom('training');
  const series = ['a', 'b'].map((seriesId) => {
    let level = 100;
    const values = Float64Array.from({ length: days * 24 }, (_, hour) => {
      level += random.normal() * 1.5;
      return level + 20 * Math.sin((hour % 24) / 4) + random.normal();
    });
    return { seriesId, firstPeriod: FIRST + (DAYS - days) * 24, values };
  });
  return { series, holidays: null };
};

export const sha256Of = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/**
 * Trains a ridge on the caller's thread. Its artifact is the name of the fit, so that equal
 * requests give equal bytes; `fits` has what it stands for.
 */
export class PlainTrainer implements Trainer {
  readonly name = 'plain';
  readonly inputs: TrainingInput[] = [];
  readonly fits = new Map<string, ReturnType<typeof fitRidge>>();
  shuffleTargets: string | undefined;
  onTrained: () => void = () => undefined;

  async train(input: TrainingInput): ReturnType<Trainer['train']> {
    this.inputs.push(input);
    const { featureSchema, fromPeriod, toPeriod } = input;
    const rowsInput = { featureSchema, fromPeriod, toPeriod, series: [...input.series] };
    const { shuffleTargets } = this;
    const options = shuffleTargets === undefined ? {} : { shuffleTargets };
    const fit = fitRidge({ ...rowsInput, holidays: null, stride: 11 }, options);
    if (fit.rows === 0) throw new TrainingError('TRAINING_TOO_LITTLE_DATA', 'Only 0 rows');
    const artifact = Buffer.from(JSON.stringify([...fit.model.intercepts]));
    this.fits.set(artifact.toString(), fit);
    this.onTrained();
    return {
      ...{ artifact, sha256: sha256Of(artifact), trainer: 'plain', rows: fit.rows },
      ...{ schemaHash: featureSchemaHash(featureSchema), horizon: featureSchema.horizon },
      seriesCount: rowsInput.series.length,
    };
  }
}

export interface Bench {
  readonly driver: TopologyDriver;
  readonly trainer: PlainTrainer;
  readonly artifacts: ReturnType<typeof memoryArtifactStore>;
  /** Names of the artifacts that are open. */
  readonly open: Set<string>;
  /** What artifacts are opened as that were trained on other features. */
  readonly misfits: Set<string>;
  /** Ids of the requests whose history was read. */
  readonly read: string[];
  /** What the judge found of candidates, in their order. */
  readonly found: ErrorProfile[];
}

export const benchOf = (options: Partial<TrainingOptions> = {}): Bench => {
  const trainer = new PlainTrainer();
  const artifacts = memoryArtifactStore();
  const open = new Set<string>();
  const misfits = new Set<string>();
  const read: string[] = [];
  const found: ErrorProfile[] = [];
  const driver = new TopologyDriver(
    training({
      stream: 's',
      requests: topic('retraining-requests'),
      models: topic('models'),
      serdes: SERDES,
      periods: parseFrequency('1h'),
      featureSchema: schema,
      clock: { now: () => NOW, monotonic: () => 0 },
      trainer,
      artifacts,
      history: async ({ id }) => {
        read.push(id);
        return panelOf();
      },
      open: async (artifact, name) => {
        const fit = trainer.fits.get(Buffer.from(artifact).toString());
        if (fit === undefined) throw new Error('nobody trained this');
        const forecaster = linearForecaster(fit.model);
        const identity = { ...forecaster.identity, name };
        const close = async (): Promise<void> => void open.delete(name);
        open.add(name);
        const featureSchema = misfits.has(name) ? otherSchema : schema;
        return { forecaster: { ...forecaster, identity, close }, featureSchema };
      },
      seal: (candidate, errors) => {
        found.push(errors);
        return candidate;
      },
      policy: { minImprovement: 0.05, judgeDays: 28 },
      ...options,
    }),
  );
  return { driver, trainer, artifacts, open, misfits, read, found };
};

const requestOf = (id: string, given: Partial<RetrainingRequest> = {}): RetrainingRequest => ({
  id,
  model: 'm',
  stream: 's',
  reason: 'schedule',
  evidence: '{}',
  trainingWindow: { start: END - 365 * DAY, end: END, offsets: [] },
  ...given,
});

export const asked = (id: string, given: Partial<RetrainingRequest> = {}): FedRecord => ({
  topic: 'retraining-requests',
  key: 'm',
  value: SERDES.request.encode(requestOf(id, given)),
});

export const wish = (id: string, reason: RetrainingReason, sha256: string): FedRecord =>
  asked(id, {
    reason,
    evidence: JSON.stringify({ actor: 'ada', note: 'passed review', sha256, version: 'v' }),
    trainingWindow: { start: 0, end: 0, offsets: [] },
  });

export const eventsIn = (records: readonly OutgoingRecord[]): ModelEvent[] =>
  valuesOf(records, 'models', SERDES.modelEvent);

export const typesOf = (records: readonly OutgoingRecord[]): string[] =>
  eventsIn(records).map(({ type }) => type);

export const R1 = '1'.repeat(32);
export const R2 = '2'.repeat(32);
export const R3 = '3'.repeat(32);

/** A bench on which the request R1 has made a first champion. */
export const served = async (options: Partial<TrainingOptions> = {}) => {
  const bench = benchOf(options);
  const events = eventsIn(await bench.driver.feed([asked(R1)]));
  return { ...bench, champion: events[0]?.sha256 ?? '' };
};
