import { assert } from '../core/assert.ts';
import { commonDivisor } from '../core/common-divisor.ts';
import type { Panel } from '../evaluation/history.ts';
import { opponentNames, originBlocks, type OriginBlock } from '../evaluation/origin-blocks.ts';
import type { Forecaster } from '../models/forecaster.ts';
import { featureSchemaHash, type FeatureSchema } from '../schemas/feature-schema.ts';
import { JUDGED_HORIZONS, JUDGED_SHARE, JUDGED_SHARE_OF_HORIZONS } from './judged-share.ts';
import { PairSums, type Judged, type Loss } from './pair-sums.ts';
import { targetsNeeded } from './promotion-gate.ts';

export type { Judged, Loss } from './pair-sums.ts';

/** Periods from one origin to the next at most. */
const ORIGIN_STRIDE_MAX = 5;

export interface JudgedForecaster {
  readonly forecaster: Forecaster;
  readonly featureSchema: FeatureSchema;
}

export interface JudgeInput {
  readonly panel: Panel;
  /** Start of the training window; of all history where it is left out. */
  readonly fromPeriod?: number;
  /** End of the training window, exclusive. */
  readonly toPeriod: number;
  readonly candidate: JudgedForecaster;
  readonly champion: JudgedForecaster | null;
  /** Target periods to judge on, where that is more than the least that a gate asks for. */
  readonly periods?: number;
  /** In what errors are compared; `scaled` where nothing is said. */
  readonly loss?: Loss;
  readonly onProgress?: (share: number) => void;
}

/**
 * How a training window is split: a fit may see targets before `fitUntil`, the judge sees those of
 * [from, to).
 */
export interface JudgingSlice {
  readonly fitUntil: number;
  readonly from: number;
  readonly to: number;
}

/** Periods of which a slice is taken from the end. */
export interface TrainingSpan {
  /** Left out: longer than any slice. */
  readonly fromPeriod?: number | undefined;
  /** Exclusive. */
  readonly toPeriod: number;
}

/**
 * The last four long seasons (28 days of hours), or eight short ones, or three horizons, or more
 * where `periods` asks for them; but at most a quarter of the window, or half of it for the sake of
 * the horizons, and a horizon at least. Before it lies an embargo of one horizon, so that no error
 * of the fit's last targets reaches into the judgement.
 */
export const judgingSlice = (
  { seasons, horizon }: FeatureSchema,
  { fromPeriod = -Infinity, toPeriod }: TrainingSpan,
  periods = 0,
): JudgingSlice => {
  const window = toPeriod - fromPeriod;
  const horizons = JUDGED_HORIZONS * horizon;
  const most = Math.max(
    horizon,
    Math.floor(window * JUDGED_SHARE),
    Math.min(horizons, Math.floor(window * JUDGED_SHARE_OF_HORIZONS)),
  );
  const from = toPeriod - Math.min(most, Math.max(periods, targetsNeeded(seasons), horizons));
  return { fitUntil: from - horizon, from, to: toPeriod };
};

/**
 * Has candidate, champion and naive opponents forecast the judging slice from the same origins, and
 * compares them on the pairs that all of them have.
 */
export const judge = async (
  { panel, candidate, champion, periods, loss = 'scaled', onProgress, ...span }: JudgeInput,
  signal: AbortSignal,
): Promise<Judged> => {
  const schema = candidate.featureSchema;
  const slice = judgingSlice(schema, span, periods);
  const judged = champion === null ? [candidate] : [candidate, champion];
  const schemas: [FeatureSchema, ...FeatureSchema[]] = [schema];
  if (champion !== null) schemas.push(champion.featureSchema);
  const naive = opponentNames(schema);
  const names = [...judged.map(({ forecaster }) => forecaster.identity.name), ...naive];
  const sums = new PairSums(names, { slice, schema, loss });
  const origins = originsOf(slice, schema);
  let done = 0;
  for (const block of originBlocks({ panel, schemas, origins })) {
    signal.throwIfAborted();
    const means = await Promise.all(judged.map((model) => predict(model, block)));
    sums.add(block, means);
    done += block.count;
    onProgress?.(done / (panel.series.length * origins.length));
  }
  return sums.judgement(champion !== null);
};

/**
 * Periods from one origin to the next: no more than a horizon, so that every target has a forecast,
 * and coprime with every season, so that no slot has a second origin before all have had one.
 */
const strideOf = ({ seasons, horizon }: FeatureSchema): number => {
  let stride = Math.min(ORIGIN_STRIDE_MAX, horizon);
  while (seasons.some((season) => commonDivisor(season, stride) > 1)) stride -= 1;
  return stride;
};

/** Origins whose first target lies in the slice. */
const originsOf = ({ from, to }: JudgingSlice, schema: FeatureSchema): number[] => {
  const origins: number[] = [];
  const stride = strideOf(schema);
  for (let origin = from - 1; origin < to - 1; origin += stride) origins.push(origin);
  return origins;
};

const predict = (
  { forecaster, featureSchema }: JudgedForecaster,
  block: OriginBlock,
): Promise<Float64Array> => {
  const rows = block.rows.get(featureSchemaHash(featureSchema));
  assert(rows !== undefined, 'a judged model has no rows');
  return forecaster.predict(rows, block.count);
};
