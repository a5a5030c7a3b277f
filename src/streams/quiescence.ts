import type { TaskStatus } from './task-status.ts';

/** What a run must have done before it may end. */
export interface QuiescenceOptions {
  readonly tasks: () => readonly TaskStatus[];
  /** Whether a task reads from outside; it is through once it reached the ends that the sources had at the start. */
  readonly isEntry: (task: TaskStatus) => boolean;
  readonly ends: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly end: number;
  }[];
  /** Called once, when everything from outside has been read. */
  readonly onRead: () => void;
  /** Waits between two looks; longer than an idle poll. */
  readonly pause: () => Promise<void>;
}

/** How often nothing may have changed between two looks before the run counts as done. */
const QUIET_LOOKS = 3;

const halted = (tasks: readonly TaskStatus[]): TaskStatus | undefined =>
  tasks.find(({ state }) => state === 'HALTED');

const hasReached = ({ positions, state }: TaskStatus, ends: QuiescenceOptions['ends']): boolean =>
  state === 'RUNNING' &&
  positions.length > 0 &&
  positions.every(({ topic, partition, next }) => {
    const end = ends.find((one) => one.topic === topic && one.partition === partition);
    return end === undefined || next >= end.end;
  });

const commitsOf = (tasks: readonly TaskStatus[]): number =>
  tasks.reduce((sum, { commits }) => sum + commits, 0);

/**
 * Resolves when every source was read to the end it had at the start and all that follows from it is committed;
 * undefined when all went well, else the task that halted.
 */
export const quiescence = async (options: QuiescenceOptions): Promise<TaskStatus | undefined> => {
  const { tasks, isEntry, ends, onRead, pause } = options;
  let isRead = false;
  let quietLooks = 0;
  let commits = -1;
  while (quietLooks < QUIET_LOOKS) {
    const now = tasks();
    const broken = halted(now);
    if (broken !== undefined) return broken;
    const entries = now.filter(isEntry);
    if (!isRead && entries.every((task) => hasReached(task, ends))) {
      isRead = true;
      onRead();
    }
    const followers = now.filter((task) => !isEntry(task));
    const isQuiet = isRead && followers.every(({ isDrained }) => isDrained);
    const sofar = commitsOf(now);
    quietLooks = isQuiet && sofar === commits ? quietLooks + 1 : 0;
    commits = sofar;
    await pause();
  }
  return undefined;
};
