import { assert } from '../../src/core/assert.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { SlabDefinition } from '../../src/state/slab.ts';
import { TaskState } from '../../src/state/task-state.ts';
import { RoleLane } from '../../src/streams/topologies/forecasting/lane.ts';
import { intervalShapeOf, laneStoresOf } from '../../src/streams/topologies/forecasting/lanes.ts';
import type { ForecastingShape } from '../../src/streams/topologies/forecasting/options.ts';
import {
  SeriesTable,
  seriesStore,
  type Series,
} from '../../src/streams/topologies/forecasting/series-table.ts';
import type { Topology } from '../../src/streams/topology.ts';

/** What the tasks of a forecasting topology are to remember before their first record. */
export interface Seed {
  readonly shape: ForecastingShape;
  /** Ids of the series of each partition. */
  readonly series: readonly (readonly string[])[];
  /** The first period that comes from the log. */
  readonly next: number;
}

/** Serial of the first model that a task adopts. */
const MODEL = 1;

/** Series that differ; all others are copies, since making one takes hundreds of appends. */
const PATTERNS = 16;

const openForecasts = (lane: RoleLane, series: Series, { shape, next }: Seed): void => {
  const { scoredSteps } = shape.forecast;
  const { horizon } = shape.features;
  const means = new Float64Array(horizon).fill(20);
  const halves = new Float32Array(horizon * shape.levels.length);
  lane.calibrate(series, 3);
  lane.calibration.halves(0, halves);
  for (let origin = next - scoredSteps; origin < next; origin += 1) {
    lane.open.open(series);
    lane.open.begin({ origin, model: MODEL, scale: 3, floor: 0, ceiling: 100 });
    lane.open.say(origin, means, halves);
  }
};

const isSlab = (store: Topology['stores'][number]): store is SlabDefinition =>
  store.kind === 'slab';

/** Per store the rows of the patterns. */
type Patterns = readonly (readonly [store: SlabDefinition, rows: readonly Uint8Array[]])[];

const makePatterns = (topology: Topology, seed: Seed): Patterns => {
  const { shape, next } = seed;
  const { ringPeriods } = shape;
  const state = new TaskState(topology.stores);
  const table = new SeriesTable(state.slab(seriesStore(ringPeriods)), ringPeriods);
  const [champion] = laneStoresOf(shape);
  assert(champion !== undefined, 'there is no lane of the champion');
  const lane = new RoleLane(champion, intervalShapeOf(shape), { state, rows: 1 });
  const random = seededRandom('seed');
  const ids = Array.from({ length: PATTERNS }, (_, index) => String(index));
  for (const id of ids) {
    const one = table.of(id, next - ringPeriods);
    for (let period = next - ringPeriods; period < next; period += 1) {
      const wave = 20 + 10 * Math.sin((2 * Math.PI * period) / 24);
      table.append(one, period, { value: wave + 3 * random.next(), fill: 0 });
    }
    openForecasts(lane, one, seed);
  }
  return topology.stores.filter(isSlab).map((store) => {
    const slab = state.slab(store);
    return [store, ids.flatMap((id) => slab.find(id)?.bytes ?? [])];
  });
};

const fill = (state: TaskState, ids: readonly string[], patterns: Patterns): void => {
  for (const [index, id] of ids.entries()) {
    for (const [store, rows] of patterns) {
      const pattern = rows[index % PATTERNS];
      if (pattern !== undefined) state.slab(store).row(id).bytes.set(pattern);
    }
    // One series after the other: undoing all of them would take as much memory again.
    state.committed();
    state.beginFlush();
    state.takeUnflushed(Number.POSITIVE_INFINITY);
  }
};

/**
 * The topology with tasks that begin as a long run would have left them: windows full, a horizon
 * of forecasts open. Stores on disk then get only what changes from there on.
 */
export const seeded = (topology: Topology, seed: Seed): Topology => {
  const patterns = makePatterns(topology, seed);
  return {
    ...topology,
    start: (scope) => {
      // A program that is made anew after a failure has its state.
      if (scope.state.sizeBytes === 0) {
        fill(scope.state, seed.series[scope.partition] ?? [], patterns);
      }
      return topology.start(scope);
    },
  };
};
