import { rounded } from './support/measure.ts';
import { RoomProfiler, type SelfTime } from './support/room-profile.ts';
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

const OTHER_THREADS = 'model thread and others';

const sumOf = (times: readonly SelfTime[]): number =>
  times.reduce((sum, { micros }) => sum + micros, 0);

/** The whole loop under a sampling profiler. */
export const profileBench = async (options: WholeLoopOptions): Promise<ProfileResult> => {
  const profiler = new RoomProfiler();
  const { observations, cpuMicros } = await wholeLoopBench({
    ...options,
    hooks: {
      onBegin: () => {
        profiler.begin();
      },
      onEnd: () => {
        profiler.end();
      },
    },
  });
  const { rooms, functions, mainThreadMicros } = profiler.result();
  const mainThread = (mainThreadMicros ?? sumOf(rooms)) / observations;
  const others = { name: OTHER_THREADS, micros: Math.max(0, cpuMicros - mainThread) };
  // Samples count what others took of the core as well: their shares are of use, their sum is not.
  const scale = mainThread / sumOf(rooms);
  const perObservation = ({ name, micros }: SelfTime): SelfTime => ({
    name,
    micros: rounded(micros * scale),
  });
  return {
    ...{ observations, cpuMicros },
    rooms: [...rooms.map(perObservation), { ...others, micros: rounded(others.micros) }]
      .filter(({ micros }) => micros > 0)
      .sort((one, other) => other.micros - one.micros),
    functions: functions.map(perObservation),
  };
};

if (process.argv[1] === import.meta.filename) {
  const [work = 'whole', series = '10000', observations = '100000'] = process.argv.slice(2);
  const { rooms, functions, cpuMicros } = await profileBench({
    work: work === 'peer' ? 'peer' : 'whole',
    series: Number(series),
    observations: Number(observations),
  });
  console.log(`${cpuMicros} µs an observation`);
  console.table(rooms);
  console.table(functions);
}
