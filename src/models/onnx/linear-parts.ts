import { INPUT_CLIP, NONE, SCALE_MIN, type LinearDesign } from '../linear-model.ts';
import { REACH } from '../output-range.ts';
import type { GraphBuilder, ValueName } from './graph-builder.ts';
import type { GraphRows } from './graph-rows.ts';

/** [rows, 1]: the unit of each row. A NaN fails the comparison too, and so becomes 1. */
export const scaleOf = (rows: GraphRows, { scale }: LinearDesign): ValueName => {
  const { graph } = rows;
  const one = graph.doubles([1, 1], [1]);
  if (scale === NONE) return one;
  const column = rows.columns(scale, 1);
  const isUsable = graph.node('Greater', [column, graph.doubles([], [SCALE_MIN])]);
  return graph.node('Where', [isUsable, column, one]);
};

/** Nothing is far out. */
export const clipped = (graph: GraphBuilder, value: ValueName): ValueName => {
  const limits = [-INPUT_CLIP, INPUT_CLIP].map((limit) => graph.doubles([], [limit]));
  return graph.node('Clip', [value, ...limits]);
};

export interface RangeOptions {
  readonly design: LinearDesign;
  /** What stands in for a bound that is missing; absent where none is. */
  readonly guard?: (bound: ValueName, otherwise: number) => ValueName;
}

/** src/models/output-range.ts, where the least and the greatest value are known. */
export const withinRange = (
  mean: ValueName,
  rows: GraphRows,
  { design: { least, greatest }, guard = (bound) => bound }: RangeOptions,
): ValueName => {
  if (least === NONE || greatest === NONE) return mean;
  const { graph } = rows;
  const zero = graph.doubles([], [0]);
  const [low, high] = [rows.columns(least, 1), rows.columns(greatest, 1)];
  const range = graph.node('Sub', [high, low]);
  const reach = graph.node('Mul', [range, graph.doubles([], [REACH])]);
  const isPositive = graph.node('GreaterOrEqual', [low, zero]);
  const below = graph.node('Sub', [low, reach]);
  const above = graph.node('Add', [high, reach]);
  const raised = graph.node('Mul', [high, graph.doubles([], [1 + REACH])]);
  const floor = graph.node('Where', [isPositive, zero, below]);
  const ceiling = graph.node('Where', [isPositive, raised, above]);
  const atLeast = graph.node('Max', [mean, guard(floor, -Infinity)]);
  return graph.node('Min', [atLeast, guard(ceiling, Infinity)]);
};

/** Means that are rounded where the series has counts: src/models/whole-numbers.ts. */
export const countsRounded = (
  means: ValueName,
  rows: GraphRows,
  { whole }: LinearDesign,
): ValueName => {
  if (whole === NONE) return means;
  const { graph } = rows;
  const isWhole = graph.node('Equal', [rows.columns(whole, 1), graph.doubles([], [1])]);
  return graph.node('Where', [isWhole, graph.node('Round', [means]), means]);
};
