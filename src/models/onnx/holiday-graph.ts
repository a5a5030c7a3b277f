import { partMinutes, type HolidayEffects } from '../average/holiday-effects.ts';
import { NONE } from '../linear-model.ts';
import type { ValueName } from './graph-builder.ts';
import { GraphRows } from './graph-rows.ts';
import { scaleOf } from './linear-parts.ts';
import { ELEMENT } from './onnx-proto.ts';

/** The rows, and behind their columns those of the three profiles. */
export const withEffects = (rows: GraphRows, effects: HolidayEffects): GraphRows => {
  const { graph } = rows;
  const { days, shares, parts, values, dayAt, horizon } = effects;
  const isDay = oneOf(rows, rows.columns(dayAt, horizon), days);
  // [rows, horizon, parts]: of a day that is none of them, 0.
  const byPart = graph.node('MatMul', [isDay, graph.doubles([days.length, parts], values)]);
  const isPart = partsOf(rows, effects);
  const some = isPart === undefined ? byPart : graph.node('Mul', [byPart, isPart]);
  const effect = graph.node('ReduceSum', [some, graph.integers([2])], { keepdims: 0 });
  const scale = scaleOf(rows, { scale: effects.scaleAt, unit: 1 });
  const share = graph.node('MatMul', [isDay, graph.doubles([days.length], shares)]);
  const move = graph.node('Mul', [graph.node('Mul', [scale, share]), effect]);
  const starts = [effects.anchorAt, effects.slotMeanAt].map((at) =>
    graph.node('Add', [rows.columns(at, horizon), move]),
  );
  return new GraphRows(graph, graph.node('Concat', [rows.name, effect, ...starts], { axis: 1 }));
};

/** [rows, horizon, values]: 1 at the one that a step has, else 0. */
const oneOf = ({ graph }: GraphRows, steps: ValueName, values: ArrayLike<number>): ValueName => {
  const each = graph.node('Unsqueeze', [steps, graph.integers([2])]);
  const is = graph.node('Equal', [each, graph.doubles([1, 1, values.length], values)]);
  return graph.node('Cast', [is], { to: ELEMENT.double });
};

const partsOf = (
  rows: GraphRows,
  effects: Pick<HolidayEffects, 'minuteAt' | 'parts' | 'horizon'>,
): ValueName | undefined => {
  const { minuteAt, parts, horizon } = effects;
  if (minuteAt === NONE) return undefined;
  const { graph } = rows;
  const minutes = rows.columns(minuteAt, horizon);
  const part = graph.node('Div', [minutes, graph.doubles([], [partMinutes(effects)])]);
  return oneOf(
    rows,
    graph.node('Floor', [part]),
    Array.from({ length: parts }, (_, at) => at),
  );
};
