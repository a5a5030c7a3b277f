import { seededRandom } from '../../src/core/random.ts';
import type { CommitRecord } from '../../src/schemas/commit-record.ts';
import type { Serde } from '../../src/schemas/serde.ts';
import type { StoreFolder } from '../../src/state/store.ts';
import { TaskState } from '../../src/state/task-state.ts';
import { encodeCheckpoint } from '../../src/streams/checkpoint.ts';
import { FIRST_OFFSET } from '../../src/log/offset.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Topology } from '../../src/streams/topology.ts';
import type { ForecastingShape } from '../../src/streams/topologies/forecasting/options.ts';
import { intervalShapeOf, laneStoresOf } from '../../src/streams/topologies/forecasting/lanes.ts';
import { Lane } from '../../src/streams/topologies/forecasting/lane.ts';
import { SeriesTable, seriesStore } from '../../src/streams/topologies/forecasting/series-table.ts';

/** What the stores of a forecasting topology are to hold before its first record. */
export interface Seed {
  readonly shape: ForecastingShape;
  readonly topology: Topology;
  /** Ids of the series of each partition. */
  readonly series: readonly (readonly string[])[];
  /** The first period that comes from the log. */
  readonly next: number;
  readonly stores: StoreFolder;
  readonly path: readonly string[];
  readonly commit: Serde<CommitRecord>;
}

/** Serial of the first model that a task adopts. */
const MODEL = 1;

const openForecasts = (lane: Lane, id: string, { shape, next }: Seed): void => {
  const { scoredSteps } = shape.forecast;
  const { horizon } = shape.features;
  const means = new Float64Array(horizon).fill(20);
  const halves = new Float32Array(horizon * shape.levels.length);
  lane.calibrate(id, 3);
  lane.calibration.halves(0, halves);
  for (let origin = next - scoredSteps; origin < next; origin += 1) {
    lane.open.open(id);
    lane.open.begin({ origin, model: MODEL, scale: 3, floor: 0, ceiling: 100 });
    lane.open.say(origin, means, halves);
  }
};

const seedPartition = async (seed: Seed, partition: number): Promise<void> => {
  const { shape, topology, series, next } = seed;
  const { ringPeriods } = shape;
  const state = new TaskState(topology.stores);
  const table = new SeriesTable(state.slab(seriesStore(ringPeriods)), ringPeriods);
  const intervals = intervalShapeOf(shape);
  const [champion] = laneStoresOf(shape);
  if (champion === undefined) throw new Error('there is a lane of the champion');
  const lane = new Lane(champion, intervals, { state, rows: 1 });
  const random = seededRandom(`seed ${partition}`);
  for (const id of series[partition] ?? []) {
    const one = table.of(id, next - ringPeriods);
    for (let period = next - ringPeriods; period < next; period += 1) {
      const wave = 20 + 10 * Math.sin((2 * Math.PI * period) / 24);
      table.append(one, period, { value: wave + 3 * random.next(), fill: 0 });
    }
    openForecasts(lane, id, seed);
    // One series after the other, since undoing all of them would take as much memory again.
    state.committed();
  }
  const checkpoint = { changelogNext: FIRST_OFFSET, commit: undefined };
  const store = await seed.stores.open([...seed.path, String(partition)]);
  const bytes = encodeCheckpoint({ ...checkpoint, writtenAtMs: systemClock.now() }, seed.commit);
  await store.write(state.unflushed(), bytes);
  await store.close();
};

/** Writes stores as a long run would have left them: full windows, a horizon of forecasts open. */
export const seedStores = async (seed: Seed): Promise<void> => {
  for (const partition of seed.series.keys()) await seedPartition(seed, partition);
};
