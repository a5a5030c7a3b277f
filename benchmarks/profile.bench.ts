import { workOf } from './support/loop.ts';
import { rounded } from './support/measure.ts';
import { RoomProfiler, type RoomProfile, type SelfTime } from './support/room-profile.ts';
import { wholeLoopBench, type WholeLoopOptions } from './whole-loop.bench.ts';

// Where the time of the whole loop goes: the main thread by room and by function, and beside it all
// other threads of the process: the model's, garbage collection's, those of stores and files.

export interface ProfileResult {
  readonly observations: number;
  /** Of the whole process, while it was being watched. */
  readonly cpuMicros: number;
  /** µs an observation, the largest first. */
  readonly rooms: readonly SelfTime[];
  readonly functions: readonly SelfTime[];
}

const sumOf = (times: readonly SelfTime[]): number =>
  times.reduce((sum, { micros }) => sum + micros, 0);

const OTHER_THREADS = 'model thread and others';

/** All but the main thread; what is known of the whole process alone is one sum. */
const otherThreads = ({ threads }: RoomProfile, restMicros: number): readonly SelfTime[] =>
  threads === undefined
    ? [{ name: OTHER_THREADS, micros: Math.max(0, restMicros) }]
    : [
        { name: 'collector and compiler threads', micros: threads.engine },
        { name: OTHER_THREADS, micros: threads.others },
      ];

/** The whole loop under a sampling profiler. */
export const profileBench = async (options: WholeLoopOptions): Promise<ProfileResult> => {
  const profiler = new RoomProfiler();
  const hooks = {
    onBegin: () => {
      profiler.begin();
    },
    onEnd: () => {
      profiler.end();
    },
  };
  const { observations, cpuMicros } = await wholeLoopBench({ ...options, hooks });
  const profile = profiler.result();
  const sampled = sumOf(profile.rooms);
  const main = profile.threads?.main ?? sampled;
  // A sample counts what others took of the core as well: shares are of use, their sum is not.
  const scaled = ({ name, micros }: SelfTime): SelfTime => ({
    name,
    micros: (micros * main) / sampled,
  });
  const perObservation = ({ name, micros }: SelfTime): SelfTime => ({
    name,
    micros: rounded(micros / observations),
  });
  const others = otherThreads(profile, cpuMicros * observations - main);
  return {
    ...{ observations, cpuMicros },
    rooms: [...profile.rooms.map(scaled), ...others]
      .map(perObservation)
      .filter(({ micros }) => micros > 0)
      .sort((one, other) => other.micros - one.micros),
    functions: profile.functions.map(scaled).map(perObservation),
  };
};

if (process.argv[1] === import.meta.filename) {
  const [work = 'own', series = '10000', observations = '100000'] = process.argv.slice(2);
  const { rooms, functions, cpuMicros } = await profileBench({
    work: workOf(work),
    series: Number(series),
    observations: Number(observations),
  });
  console.log(`${cpuMicros} µs an observation`);
  console.table(rooms);
  console.table(functions);
}
