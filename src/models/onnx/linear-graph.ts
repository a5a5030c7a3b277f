import type { LinearModel } from '../linear-model.ts';
import { AnyRows } from './any-rows.ts';
import { GraphBuilder, type ValueName } from './graph-builder.ts';
import { GraphRows } from './graph-rows.ts';
import { toldMeansOf, limitsOf, scaleOf } from './linear-parts.ts';
import { NearRows } from './near-rows.ts';

/**
 * [rows, horizon]: the means of a linear model as a part of a graph. All rows go a short way, and
 * those that it is not made for, which are few, a long one after it. Which of them a row's means
 * come from depends on that row alone.
 */
export const linearMeansOf = (rows: GraphRows, model: LinearModel): ValueName => {
  const { graph } = rows;
  const near = new NearRows(rows, model, scaleOf(rows, model.design));
  const means = limitsOf(rows, model)(near.means());
  // Of each of these the row, and column 0 below it.
  const others = graph.node('NonZero', [near.others()]);
  const hasOthers = graph.node('Greater', [graph.node('Size', [others]), graph.integers([0])]);
  const withOthers = (): ValueName => {
    const places = graph.node('Gather', [others, graph.integers([0])], { axis: 0 });
    const flat = graph.node('Reshape', [places, graph.integers([-1])]);
    const some = graph.node('Gather', [rows.name, flat], { axis: 0 });
    const mended = new AnyRows(new GraphRows(graph, some), model).means();
    return graph.node('ScatterND', [means, graph.node('Transpose', [places]), mended]);
  };
  const branches = [withOthers, () => graph.node('Identity', [means])];
  return graph.either(hasOthers, branches, model.design.horizon);
};

/** A linear model as an ONNX graph of float64: [rows, width] to [rows, horizon]. */
export const linearGraph = (
  model: LinearModel,
  metadata: ReadonlyMap<string, string>,
): Uint8Array => {
  const graph = new GraphBuilder();
  const { width, horizon } = model.design;
  const rows = new GraphRows(graph, GraphBuilder.input);
  const means = toldMeansOf(linearMeansOf(rows, model), rows, model.design);
  return graph.finish(means, { inputWidth: width, outputWidth: horizon }, metadata);
};
