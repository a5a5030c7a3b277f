import type { HolidayEffects } from '../average/holiday-effects.ts';
import type { Member, WeightedMember } from '../average/member.ts';
import type { LinearDesign } from '../linear-model.ts';
import { quietColumns } from '../told-means.ts';
import { AnyRows } from './any-rows.ts';
import { GraphBuilder, type ValueName } from './graph-builder.ts';
import { GraphRows } from './graph-rows.ts';
import { withEffects } from './holiday-graph.ts';
import { toldMeansOf } from './linear-parts.ts';
import { linearMeansOf } from './linear-graph.ts';
import { treeMeansOf } from './tree-graph.ts';

const meansOf = (rows: GraphRows, { kind, model }: Member): ValueName => {
  switch (kind) {
    case 'linear':
      return linearMeansOf(rows, model);
    case 'recursion':
      return new AnyRows(rows, model).means();
    case 'trees':
      return treeMeansOf(rows, model);
  }
};

export interface AverageModel {
  readonly members: readonly [WeightedMember, ...WeightedMember[]];
  /** What the rows of the members have in addition to those of the graph. */
  readonly effects?: HolidayEffects | undefined;
}

/** Of a member that reads the slot of a target, which means are told by; of any if none does. */
const designOf = (members: AverageModel['members']): LinearDesign => {
  const [{ member: first }, ...others] = members;
  const models = [first.model, ...others.map(({ member }) => member.model)];
  const { design } =
    models.find((model) => quietColumns(model.design) !== undefined) ?? first.model;
  return design;
};

/**
 * The weighted mean of what the members forecast, each within the output range, as one ONNX graph:
 * [rows, width] to [rows, horizon]. Counts are whole, and a slot that was always 0 stays so.
 */
export const averageGraph = (
  { members, effects }: AverageModel,
  metadata: ReadonlyMap<string, string>,
): Uint8Array => {
  const graph = new GraphBuilder();
  const design = designOf(members);
  const given = new GraphRows(graph, GraphBuilder.input);
  const rows = effects === undefined ? given : withEffects(given, effects);
  const [first = '', ...others] = members.map(({ member, weight }) =>
    graph.node('Mul', [meansOf(rows, member), graph.doubles([], [weight])]),
  );
  const mean = others.reduce((value, other) => graph.node('Add', [value, other]), first);
  const told = toldMeansOf(mean, rows, design);
  return graph.finish(
    told,
    { inputWidth: effects?.width ?? design.width, outputWidth: design.horizon },
    metadata,
  );
};
