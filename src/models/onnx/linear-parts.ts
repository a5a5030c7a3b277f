import { INPUT_CLIP, NONE, SCALE_MIN, type LinearDesign } from '../linear-model.ts';
import { REACH } from '../output-range.ts';
import { quietColumns } from '../told-means.ts';
import type { GraphBuilder, ValueName } from './graph-builder.ts';
import type { GraphRows } from './graph-rows.ts';

/**
 * [rows, 1], or [1, 1] where it is the same for all: the unit of each row. A NaN fails the
 * comparison too, and so becomes 1.
 */
export const scaleOf = (
  rows: GraphRows,
  { scale, unit }: Pick<LinearDesign, 'scale' | 'unit'>,
): ValueName => {
  const { graph } = rows;
  if (scale === NONE) return graph.doubles([1, 1], [unit]);
  const one = graph.doubles([1, 1], [1]);
  const column = rows.columns(scale, 1);
  const isUsable = graph.node('Greater', [column, graph.doubles([], [SCALE_MIN])]);
  return graph.node('Where', [isUsable, column, one]);
};

/** Nothing is far out. */
export const clipped = (graph: GraphBuilder, value: ValueName): ValueName => {
  const limits = [-INPUT_CLIP, INPUT_CLIP].map((limit) => graph.doubles([], [limit]));
  return graph.node('Clip', [value, ...limits]);
};

/** What steps start from, best first: [rows, 1], or [rows, horizon] of a profile. */
export const startsOf = (
  rows: GraphRows,
  { start, anchors, horizon }: LinearDesign,
): readonly ValueName[] => [
  ...(start === NONE ? [] : [rows.columns(start, 1)]),
  ...anchors.map((column) => rows.columns(column, horizon)),
];

/**
 * [rows, horizon], or [rows, 1] where it is the same for all: what each step starts from, the first
 * that is known of some; NaN without one, 0 where a design has none.
 */
export const anchorOf = (rows: GraphRows, design: LinearDesign): ValueName => {
  const { graph } = rows;
  const { horizon, level } = design;
  const [first, ...others] = startsOf(rows, design);
  if (first === undefined) return graph.doubles([1, horizon], new Float64Array(horizon));
  if (level !== NONE) others.push(rows.columns(level, 1));
  return others.reduce((value, other) => unlessNaN(graph, value, other), first);
};

export const unlessNaN = (graph: GraphBuilder, value: ValueName, otherwise: ValueName): ValueName =>
  graph.node('Where', [graph.node('IsNaN', [value]), otherwise, value]);

/** A step without an anchor has no mean: who asked has other ways for it. */
export const whereAnchored = (graph: GraphBuilder, mean: ValueName, anchor: ValueName): ValueName =>
  graph.node('Where', [graph.node('IsNaN', [anchor]), anchor, mean]);

export interface RangeOptions {
  readonly design: LinearDesign;
  /** What stands in for a bound that is missing; absent where none is. */
  readonly guard?: (bound: ValueName, otherwise: number) => ValueName;
}

/** Puts means within src/models/output-range.ts, where the least and the greatest are known. */
export const limitsOf = (
  rows: GraphRows,
  { design: { least, greatest }, guard = (bound) => bound }: RangeOptions,
): ((mean: ValueName) => ValueName) => {
  if (least === NONE || greatest === NONE) return (mean) => mean;
  const { graph } = rows;
  const zero = graph.doubles([], [0]);
  const [low, high] = [rows.columns(least, 1), rows.columns(greatest, 1)];
  const range = graph.node('Sub', [high, low]);
  const reach = graph.node('Mul', [range, graph.doubles([], [REACH])]);
  const isPositive = graph.node('GreaterOrEqual', [low, zero]);
  const below = graph.node('Sub', [low, reach]);
  const above = graph.node('Add', [high, reach]);
  const raised = graph.node('Mul', [high, graph.doubles([], [1 + REACH])]);
  const isFlat = graph.node('Equal', [low, high]);
  const floor = graph.node('Where', [isFlat, low, graph.node('Where', [isPositive, zero, below])]);
  const positive = graph.node('Where', [isPositive, raised, above]);
  const ceiling = graph.node('Where', [isFlat, low, positive]);
  const [lowest, highest] = [guard(floor, -Infinity), guard(ceiling, Infinity)];
  return (mean) => graph.node('Min', [graph.node('Max', [mean, lowest]), highest]);
};

/** What is told of means: src/models/told-means.ts. */
export const toldMeansOf = (means: ValueName, rows: GraphRows, design: LinearDesign): ValueName =>
  countsRounded(quietened(means, rows, design), rows, design);

/** 0 where the slot has always been. */
const quietened = (means: ValueName, rows: GraphRows, design: LinearDesign): ValueName => {
  const quiet = quietColumns(design);
  if (quiet === undefined) return means;
  const { graph } = rows;
  const zero = graph.doubles([], [0]);
  const isZero = quiet.profiles
    .map((column) => rows.columns(column, design.horizon))
    .map((values) => graph.node('Equal', [values, zero]))
    .reduce(
      (all, one) => graph.node('And', [all, one]),
      graph.node('Equal', [rows.columns(quiet.least, 1), zero]),
    );
  return graph.node('Where', [isZero, zero, means]);
};

/** Whole where the series has counts. */
const countsRounded = (means: ValueName, rows: GraphRows, { whole }: LinearDesign): ValueName => {
  if (whole === NONE) return means;
  const { graph } = rows;
  const isWhole = graph.node('Equal', [rows.columns(whole, 1), graph.doubles([], [1])]);
  return graph.node('Where', [isWhole, graph.node('Round', [means]), means]);
};
