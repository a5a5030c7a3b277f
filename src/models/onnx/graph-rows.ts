import type { GraphBuilder, ValueName } from './graph-builder.ts';

/** Reads a value [rows, width] of a graph by its columns. */
export class GraphRows {
  readonly graph: GraphBuilder;
  readonly name: ValueName;

  constructor(graph: GraphBuilder, name: ValueName) {
    this.graph = graph;
    this.name = name;
  }

  columns(start: number, count: number): ValueName {
    const { graph, name } = this;
    const range = [start, start + count, 1].map((one) => graph.integers([one]));
    return graph.node('Slice', [name, ...range]);
  }

  /** Neighbouring columns are sliced at once, which costs a fraction of gathering them. */
  gather(columns: readonly number[]): ValueName {
    const { graph, name } = this;
    const [first = 0] = columns;
    if (columns.every((column, index) => column === first + index)) {
      return this.columns(first, columns.length);
    }
    return graph.node('Gather', [name, graph.integers(columns)], { axis: 1 });
  }

  /** [rows, starts, horizon] */
  profiles(starts: readonly number[], horizon: number): ValueName {
    const { graph } = this;
    const columns = starts.flatMap((start) =>
      Array.from({ length: horizon }, (_, step) => start + step),
    );
    // A zero keeps the number of rows, which the graph does not know.
    const shape = graph.integers([0, starts.length, horizon]);
    return graph.node('Reshape', [this.gather(columns), shape]);
  }
}
