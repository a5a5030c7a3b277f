import { DAY_MS } from '../core/duration.ts';
import type { Accuracy } from '../schemas/accuracy.ts';
import type { ModelRef } from '../schemas/forecast.ts';
import type { AccuracyPartial, ErrorSums } from '../schemas/partial.ts';
import { mergeSums, metricsOf, reshapeSums, type SumsShape } from './error-sums.ts';
import type { NamedWindow } from './thresholds.ts';

export interface AccuracyWindowOptions {
  readonly stream: string;
  readonly model: ModelRef;
  readonly scope: string;
  readonly window: NamedWindow;
  /** Epoch ms, exclusive. */
  readonly end: number;
}

/** Sums of a model in a scope, with the levels and opponents they speak of. */
export interface ShapedSums {
  readonly shape: SumsShape;
  /** Epoch ms: the earliest day in them. */
  readonly from: number;
  /** Corrections that reached days after they had been told of. */
  readonly revision: number;
  /** Step 1 first. */
  readonly perStep: readonly ErrorSums[];
}

const NO_NAMES: readonly string[] = [];

const union = <T>(lists: readonly (readonly T[])[]): T[] => [...new Set(lists.flat())];

export const sumsOfPartial = (partial: AccuracyPartial): ShapedSums => ({
  shape: partial,
  from: partial.windowStart,
  revision: partial.revision,
  perStep: partial.perStep,
});

/** Adds sums of one model, whatever levels and opponents each has; the order does not matter. */
export const addUp = (all: readonly ShapedSums[]): ShapedSums => {
  const levels = union(all.map(({ shape }) => Array.from(shape.levels)));
  const naiveNames = union([NO_NAMES, ...all.map(({ shape }) => shape.naiveNames)]);
  const shape = { levels: levels.sort((one, other) => one - other), naiveNames: naiveNames.sort() };
  const horizon = Math.max(0, ...all.map(({ perStep }) => perStep.length));
  const perStep = Array.from({ length: horizon }, (_, step) =>
    mergeSums(
      all.flatMap((sums) => {
        const own = sums.perStep[step];
        return own === undefined ? [] : [reshapeSums(own, sums.shape, shape)];
      }),
      shape,
    ),
  );
  return {
    shape,
    from: Math.min(...all.map(({ from }) => from)),
    revision: all.reduce((sum, { revision }) => sum + revision, 0),
    perStep,
  };
};

/**
 * How good one model was over one window. Its revision counts the corrections that are in it, so it
 * grows whenever the same window is told of again. `span_days` is how much of the window lies after
 * the model's first score.
 */
export const accuracyOf = (sums: ShapedSums, options: AccuracyWindowOptions): Accuracy => {
  const { stream, model, scope, window, end } = options;
  const total = mergeSums(sums.perStep, sums.shape);
  return {
    scope,
    stream,
    model,
    window: { kind: window.text, start: end - window.ms, end, count: total.count },
    metrics: { ...metricsOf(total, sums.shape), span_days: (end - sums.from) / DAY_MS },
    perStep: sums.perStep.map((step) => metricsOf(step, sums.shape)),
    revision: sums.revision,
  };
};
