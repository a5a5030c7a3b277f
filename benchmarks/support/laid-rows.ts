import { partitionOf } from '../../src/core/murmur2.ts';
import { assert } from '../../src/core/assert.ts';
import { TaskState } from '../../src/state/task-state.ts';
import { SeriesTable, seriesStore } from '../../src/streams/topologies/forecasting/series-table.ts';
import type { Topology } from '../../src/streams/topology.ts';
import { seriesIdOf, START_PERIOD } from './bench-stream.ts';
import { RING_PERIODS } from './ring-stream.ts';

/** Series that are in the state of tasks without any observation of theirs. */
export interface LaidRows {
  /** Indices, the last one left out. */
  readonly from: number;
  readonly to: number;
  /** How many a task lays with each of its batches. */
  readonly aBatch: number;
}

/** The row of a series whose ring is full. */
const fullRow = (): Uint8Array => {
  const definition = seriesStore(RING_PERIODS);
  const slab = new TaskState([definition]).slab(definition);
  const table = new SeriesTable(slab, RING_PERIODS);
  const series = table.of('full', START_PERIOD);
  for (let period = 0; period < RING_PERIODS; period += 1) {
    table.append(series, START_PERIOD + period, { value: 20 + Math.sin(period), fill: 0 });
  }
  return series.row.bytes;
};

function* idsOf(
  { from, to }: LaidRows,
  { partition, partitions }: { readonly partition: number; readonly partitions: number },
): Generator<string, undefined> {
  for (let index = from; index < to; index += 1) {
    const id = seriesIdOf(index);
    if (partitionOf(Buffer.from(id), partitions) === partition) yield id;
  }
  return undefined;
}

/**
 * The topology with tasks that, beside each batch of their input, put some full rings into their
 * state: the commit of the batch then writes each block of them once, as compaction leaves them.
 */
export const withLaidRows = (topology: Topology, rows: LaidRows): Topology => {
  const { partitions } = topology;
  const definition = seriesStore(RING_PERIODS);
  assert(
    topology.stores.some(({ name }) => name === definition.name),
    'no rings are kept',
  );
  const row = fullRow();
  return {
    ...topology,
    start: (scope) => {
      const program = topology.start(scope);
      const ids = idsOf(rows, { partition: scope.partition, partitions });
      const slab = scope.state.slab(definition);
      const lay = (): void => {
        for (let count = 0; count < rows.aBatch; count += 1) {
          const { value: id } = ids.next();
          if (id === undefined) return;
          slab.row(id).bytes.set(row);
        }
      };
      return {
        ...program,
        // Asked for once for each batch.
        process: (batches) => {
          lay();
          return program.process(batches);
        },
      };
    },
  };
};
