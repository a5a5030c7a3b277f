import type { SourceEnd } from './source-ends.ts';
import type { TaskStatus } from './task-status.ts';

/** What a run must have done before it may end. */
export interface QuiescenceOptions {
  readonly tasks: () => readonly TaskStatus[];
  /** How many tasks the run has: before all of them run, it is not at its end. */
  readonly taskCount: number;
  /**
   * Whether a task reads from outside; it is through once it reached the ends that the sources had
   * at the start.
   */
  readonly isEntry: (task: TaskStatus) => boolean;
  readonly ends: readonly SourceEnd[];
  /** Where topics end now, of those that other tasks read. */
  readonly endsNow: (topics: readonly string[]) => Promise<readonly SourceEnd[]>;
  /** Called once, when everything from outside has been read. */
  readonly onRead: () => void;
  /** Waits between two looks; longer than an idle poll. */
  readonly pause: () => Promise<void>;
}

/** How often nothing may have changed between two looks before the run counts as done. */
const QUIET_LOOKS = 3;

const halted = (tasks: readonly TaskStatus[]): TaskStatus | undefined =>
  tasks.find(({ state }) => state === 'HALTED');

const isRunning = ({ state }: TaskStatus): boolean => state === 'RUNNING';

/** Every end by every task that reads that partition, and by at least one. */
const isReached = (
  { topic, partition, end }: SourceEnd,
  entries: readonly TaskStatus[],
): boolean => {
  const positions = entries.flatMap((entry) =>
    entry.positions.filter((one) => one.topic === topic && one.partition === partition),
  );
  return positions.length > 0 && positions.every(({ next }) => next >= end);
};

const commitsOf = (tasks: readonly TaskStatus[]): number =>
  tasks.reduce((sum, { commits }) => sum + commits, 0);

interface Look {
  readonly broken: TaskStatus | undefined;
  readonly isRead: boolean;
  readonly isDrained: boolean;
  readonly commits: number;
}

const look = ({ tasks, taskCount, isEntry, ends }: QuiescenceOptions): Look => {
  const now = tasks();
  const isWhole = now.length >= taskCount && now.every(isRunning);
  const entries = now.filter(isEntry);
  const followers = now.filter((task) => !isEntry(task));
  return {
    broken: halted(now),
    isRead: isWhole && ends.every((end) => isReached(end, entries)),
    isDrained: isWhole && followers.every(({ isDrained }) => isDrained),
    commits: commitsOf(now),
  };
};

/**
 * Whether all that other tasks read is read: a poll that came back empty may be older than what
 * another task has committed since, where a broker takes long for the next one.
 */
const isFollowed = async ({ tasks, isEntry, endsNow }: QuiescenceOptions): Promise<boolean> => {
  const followers = tasks().filter((task) => !isEntry(task));
  const read = followers.flatMap(({ positions }) => positions);
  const ends = await endsNow([...new Set(read.map(({ topic }) => topic))]);
  return ends.every(({ topic, partition, end }) =>
    read.every((one) => one.topic !== topic || one.partition !== partition || one.next >= end),
  );
};

/**
 * Resolves when every source was read to the end it had at the start and all that follows from it
 * is committed; undefined when all went well, else the task that halted.
 */
export const quiescence = async (options: QuiescenceOptions): Promise<TaskStatus | undefined> => {
  let isRead = false;
  let quietLooks = 0;
  let before = -1;
  while (quietLooks < QUIET_LOOKS) {
    const now = look(options);
    if (now.broken !== undefined) return now.broken;
    if (!isRead && now.isRead) {
      isRead = true;
      options.onRead();
    }
    const isQuiet = isRead && now.isDrained && now.commits === before;
    quietLooks = isQuiet ? quietLooks + 1 : 0;
    if (quietLooks === QUIET_LOOKS && !(await isFollowed(options))) quietLooks = 0;
    before = now.commits;
    await options.pause();
  }
  return undefined;
};
