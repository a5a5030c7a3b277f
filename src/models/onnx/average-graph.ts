import type { HolidayEffects } from '../average/holiday-effects.ts';
import type { Member } from '../average/member.ts';
import { GraphBuilder, type ValueName } from './graph-builder.ts';
import { GraphRows } from './graph-rows.ts';
import { withEffects } from './holiday-graph.ts';
import { countsRounded } from './linear-parts.ts';
import { linearMeansOf } from './linear-graph.ts';
import { treeMeansOf } from './tree-graph.ts';

const meansOf = (rows: GraphRows, member: Member): ValueName =>
  member.kind === 'linear' ? linearMeansOf(rows, member.model) : treeMeansOf(rows, member.model);

export interface AverageModel {
  readonly members: readonly [Member, ...Member[]];
  /** What the rows of the members have in addition to those of the graph. */
  readonly effects?: HolidayEffects | undefined;
}

/**
 * The plain mean of what the members forecast, each within the output range, and rounded for
 * counts, as one ONNX graph: [rows, width] to [rows, horizon].
 */
export const averageGraph = (
  { members, effects }: AverageModel,
  metadata: ReadonlyMap<string, string>,
): Uint8Array => {
  const graph = new GraphBuilder();
  const [{ model }] = members;
  const { design } = model;
  const given = new GraphRows(graph, GraphBuilder.input);
  const rows = effects === undefined ? given : withEffects(given, effects);
  const [first = '', ...others] = members.map((member) => meansOf(rows, member));
  const sum = others.reduce((value, other) => graph.node('Add', [value, other]), first);
  const mean = graph.node('Div', [sum, graph.doubles([], [members.length])]);
  const told = countsRounded(mean, rows, design);
  return graph.finish(
    told,
    { inputWidth: effects?.width ?? design.width, outputWidth: design.horizon },
    metadata,
  );
};
