import { readdirSync, readFileSync } from 'node:fs';

/** CPU of the threads of this process, µs. */
export interface ThreadTimes {
  readonly main: number;
  /** Garbage collection and compilation beside the main thread. */
  readonly engine: number;
  /** The model's worker, those that read and write files, stores. */
  readonly others: number;
}

/** Node starts these before all others: one that schedules, and four that work. */
const ENGINE_THREADS = 5;

const TASKS = '/proc/self/task';

/** Since the start of each; undefined where the system is not Linux or does not count. */
export const threadTimes = (): ThreadTimes | undefined => {
  try {
    const micros = readdirSync(TASKS)
      .map(Number)
      .sort((one, other) => one - other)
      .map((thread) => {
        const [nanos] = readFileSync(`${TASKS}/${thread}/schedstat`, 'utf8').split(' ');
        return Number(nanos) / 1_000;
      });
    const sum = (times: readonly number[]): number => times.reduce((all, one) => all + one, 0);
    const [main = 0, ...rest] = micros;
    return {
      main,
      engine: sum(rest.slice(0, ENGINE_THREADS)),
      others: sum(rest.slice(ENGINE_THREADS)),
    };
  } catch {
    // The profile then has the main thread alone, and one sum for all the others.
    return undefined;
  }
};

/** Undefined where either end is. */
export const threadTimesBetween = (
  begun: ThreadTimes | undefined,
  ended: ThreadTimes | undefined,
): ThreadTimes | undefined =>
  begun === undefined || ended === undefined
    ? undefined
    : {
        main: ended.main - begun.main,
        engine: ended.engine - begun.engine,
        others: ended.others - begun.others,
      };
