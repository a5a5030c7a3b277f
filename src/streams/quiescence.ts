import type { SourceEnd } from './source-ends.ts';
import type { TaskStatus } from './task-status.ts';

/** What a run must have done before it may end. */
export interface QuiescenceOptions {
  readonly tasks: () => readonly TaskStatus[];
  /** How many tasks the run has: before all of them run, it is not at its end. */
  readonly taskCount: number;
  /** Asked now and then while tasks are missing: throws when others have them. */
  readonly refuseOthers: () => Promise<void>;
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

/** A group takes some seconds to hand everything out: looks between two questions who has it. */
const MISSING_LOOKS = 20;

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
  /** All tasks are here. */
  readonly isWhole: boolean;
  readonly isRead: boolean;
  readonly isDrained: boolean;
  readonly commits: number;
}

const look = ({ tasks, taskCount, isEntry, ends }: QuiescenceOptions): Look => {
  const now = tasks();
  const here = now.filter(({ state }) => state !== 'CLOSED');
  const isWhole = here.length >= taskCount;
  const isAllRunning = isWhole && now.every(isRunning);
  const entries = now.filter(isEntry);
  const followers = now.filter((task) => !isEntry(task));
  return {
    broken: halted(now),
    isWhole,
    isRead: isAllRunning && ends.every((end) => isReached(end, entries)),
    isDrained: isAllRunning && followers.every(({ isDrained }) => isDrained),
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

/** At each look: asks who has what is missing here, once that has been so for some looks. */
const othersRefused = ({
  refuseOthers,
}: Pick<QuiescenceOptions, 'refuseOthers'>): ((now: Look) => Promise<void>) => {
  let looks = 0;
  return async ({ isWhole }) => {
    looks = isWhole ? 0 : looks + 1;
    if (looks < MISSING_LOOKS) return;
    looks = 0;
    await refuseOthers();
  };
};

/**
 * Resolves when every source was read to the end it had at the start and all that follows from it
 * is committed; undefined when all went well, else the task that halted.
 */
export const quiescence = async (options: QuiescenceOptions): Promise<TaskStatus | undefined> => {
  let isRead = false;
  let quietLooks = 0;
  let before = -1;
  const refuseOthers = othersRefused(options);
  while (quietLooks < QUIET_LOOKS) {
    const now = look(options);
    if (now.broken !== undefined) return now.broken;
    await refuseOthers(now);
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
