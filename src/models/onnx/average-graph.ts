import type { Member } from '../average/member.ts';
import { GraphBuilder, type ValueName } from './graph-builder.ts';
import { GraphRows } from './graph-rows.ts';
import { countsRounded } from './linear-parts.ts';
import { linearMeansOf } from './linear-graph.ts';
import { treeMeansOf } from './tree-graph.ts';

const meansOf = (rows: GraphRows, member: Member): ValueName =>
  member.kind === 'linear' ? linearMeansOf(rows, member.model) : treeMeansOf(rows, member.model);

/**
 * The plain mean of what the members forecast, each within the output range, and rounded for
 * counts, as one ONNX graph: [rows, width] to [rows, horizon].
 */
export const averageGraph = (
  members: readonly [Member, ...Member[]],
  metadata: ReadonlyMap<string, string>,
): Uint8Array => {
  const graph = new GraphBuilder();
  const [{ model }] = members;
  const { width, horizon } = model.design;
  const rows = new GraphRows(graph, GraphBuilder.input);
  const [first = '', ...others] = members.map((member) => meansOf(rows, member));
  const sum = others.reduce((value, other) => graph.node('Add', [value, other]), first);
  const mean = graph.node('Div', [sum, graph.doubles([], [members.length])]);
  const told = countsRounded(mean, rows, model.design);
  return graph.finish(told, { inputWidth: width, outputWidth: horizon }, metadata);
};
