import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { GuardedProcess } from '../scripts/kafka/guarded-process.ts';
import { systemClock } from '../src/core/clock.ts';
import type { GroupMemberState } from '../src/log/log.ts';
import { changelogOf, groupOf } from '../src/streams/changelog.ts';
import { appendAll, observationsOf, type ObservationSpan } from './support/bench-stream.ts';
import { ClaimsWatch } from './support/claims-watch.ts';
import { RingWorkers, type OpenedRings } from './support/ring-workers.ts';
import { RING_PARTITIONS, RING_PERIODS, RING_TOPIC } from './support/ring-stream.ts';
import { SteadyFeed } from './support/steady-feed.ts';

// How long tasks stand still whose worker was killed: two processes of the product on one broker
// share the tasks, one of them gets SIGKILL, and the time counts until a committed reader has seen
// a commit of the other for each task of the dead one. Observations come all the time, so that
// there is something to commit.

/** What is allowed beside the time-out of the session. */
const GOAL_BESIDE_MS = 5_000;
const RATE = 1_000;
const LOOK_MS = 50;
/** How long workers may take for what is not measured, and for what is. */
const SETTLED_MS_MAX = 60_000;
const NAMES = { application: 'bench', stream: 's', topology: 'forecasting' };
const GROUP = groupOf(NAMES);
const CHANGELOG = changelogOf(NAMES, { prefix: '', partitions: RING_PARTITIONS }).name;
/** The disk of those who have had all tasks. */
const KEPT = 'kept';

export interface TakeoverOptions {
  readonly series: number;
  /** How often a worker is killed for each kind of disk. */
  readonly rounds: number;
  readonly sessionTimeoutMs: number;
  /** Of a Kafka that nobody else uses, and its schema registry. */
  readonly brokers?: readonly string[];
  readonly registry?: string;
}

/** One takeover, each time in ms from the kill until it was so for all tasks of the dead worker. */
export interface Takeover {
  /** `empty`: the survivor never had them; `kept`: it had, in an earlier life. */
  readonly disk: 'empty' | 'kept';
  readonly tasks: number;
  /** The group has given them to the survivor. */
  readonly assignedMs: number;
  /** The survivor has claimed them: it begins to restore. */
  readonly claimedMs: number;
  /** It has committed: they run. */
  readonly committedMs: number;
}

export interface TakeoverResult {
  readonly series: number;
  readonly periods: number;
  readonly sessionTimeoutMs: number;
  readonly goalMs: number;
  readonly takeovers: readonly Takeover[];
}

interface Scene {
  readonly workers: RingWorkers;
  readonly opened: OpenedRings;
  readonly watch: ClaimsWatch;
}

/** A worker and how the group knows it. */
interface Host {
  readonly worker: GuardedProcess;
  readonly instance: string;
}

const until = async (
  what: string,
  { workers }: Pick<Scene, 'workers'>,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> => {
  const untilMs = systemClock.monotonic() + SETTLED_MS_MAX;
  while (!(await isSo())) {
    await workers.refuseEnded();
    if (systemClock.monotonic() > untilMs) throw new Error(`not within a minute: ${what}`);
    await pause(LOOK_MS);
  }
};

const membersOf = ({ opened }: Pick<Scene, 'opened'>): Promise<readonly GroupMemberState[]> =>
  opened.log.groupMembers(GROUP);

/** Whether somebody has claimed a task since, and committed. */
const isRunning = (watch: ClaimsWatch, partition: number, before: readonly number[]): boolean => {
  const { count, committedMs } = watch.of(partition);
  return count > (before[partition] ?? 0) && committedMs !== undefined;
};

const spanOf = (
  series: number,
  span: Pick<ObservationSpan, 'from' | 'periods'>,
): ObservationSpan => ({ topic: RING_TOPIC, partitions: RING_PARTITIONS, series, ...span });

/** Fills the rings of all series by a worker that then stops, and leaves its stores. */
const fill = async (
  { workers, opened }: Pick<Scene, 'workers' | 'opened'>,
  { series, disk }: { readonly series: number; readonly disk: string },
): Promise<void> => {
  const { log, serdes } = opened;
  const span = spanOf(series, { from: 0, periods: RING_PERIODS });
  await appendAll(log, 'observations', observationsOf(serdes.observation, span));
  const [ends] = await log.offsetsOf([RING_TOPIC]);
  const worker = await workers.start(disk);
  await until('all is read', { workers }, async () => {
    const positions = await log.groupOffsets(GROUP);
    // A mark follows each transaction, which no position needs to be behind.
    return (ends?.offsets ?? []).every(({ stableEnd }, partition) =>
      positions.some((one) => one.partition === partition && one.next >= stableEnd - 1),
    );
  });
  await worker.stop();
};

/** Starts a worker beside others, and waits until it has its share and each task of it commits. */
const joined = async (scene: Scene, disk: string, others: readonly Host[]): Promise<Host> => {
  const { workers, watch } = scene;
  const before = Array.from({ length: RING_PARTITIONS }, (_, one) => watch.of(one).count);
  const worker = await workers.start(disk);
  const count = others.length + 1;
  let instance = '';
  await until(`a worker on ${disk} has its share`, scene, async () => {
    const members = await membersOf(scene);
    const own = members.find((one) => others.every((other) => other.instance !== one.instance));
    if (own === undefined || members.length !== count) return false;
    instance = own.instance;
    return (
      members.every(({ partitions }) => partitions.length === RING_PARTITIONS / count) &&
      own.partitions.every((partition) => isRunning(watch, partition, before))
    );
  });
  return { worker, instance };
};

/** Kills a worker, and waits until the other has committed in all tasks of the dead one. */
const takenOver = async (
  scene: Scene,
  {
    victim,
    survivor,
    disk,
  }: { readonly victim: Host; readonly survivor: Host } & {
    readonly disk: Takeover['disk'];
  },
): Promise<Takeover> => {
  const { watch } = scene;
  const members = await membersOf(scene);
  const tasks = members.find(({ instance }) => instance === victim.instance)?.partitions ?? [];
  const before = Array.from({ length: RING_PARTITIONS }, (_, one) => watch.of(one).count);
  const killedMs = systemClock.monotonic();
  await victim.worker.kill('SIGKILL');
  await until('the survivor has all tasks', scene, async () => {
    const own = (await membersOf(scene)).find(({ instance }) => instance === survivor.instance);
    return own?.partitions.length === RING_PARTITIONS;
  });
  const assignedMs = systemClock.monotonic();
  await until('the survivor has committed', scene, () =>
    tasks.every((partition) => isRunning(watch, partition, before)),
  );
  const after = (times: readonly number[]): number => Math.round(Math.max(...times) - killedMs);
  return {
    ...{ disk, tasks: tasks.length },
    assignedMs: after([assignedMs]),
    claimedMs: after(tasks.map((one) => watch.of(one).claimedMs)),
    committedMs: after(tasks.map((one) => watch.of(one).committedMs ?? NaN)),
  };
};

/** Each round: one without any of it takes all over, then one that has had all before. */
const takeovers = async (scene: Scene, rounds: number): Promise<readonly Takeover[]> => {
  const found: Takeover[] = [];
  let host = await joined(scene, KEPT, []);
  for (let round = 1; round <= rounds; round += 1) {
    for (const disk of ['empty', 'kept'] as const) {
      const name = disk === 'kept' ? KEPT : `${disk}-${round}`;
      const survivor = await joined(scene, name, [host]);
      found.push(await takenOver(scene, { victim: host, survivor, disk }));
      host = survivor;
    }
  }
  return found;
};

const measure = async (
  workers: RingWorkers,
  { series, rounds }: Pick<TakeoverOptions, 'series' | 'rounds'>,
): Promise<readonly Takeover[]> => {
  const opened = await workers.open();
  const { log, serdes } = opened;
  await fill({ workers, opened }, { series, disk: KEPT });
  const watch = await ClaimsWatch.open(log, CHANGELOG, RING_PARTITIONS);
  const span = spanOf(series, { from: RING_PERIODS, periods: Number.MAX_SAFE_INTEGER });
  const feed = new SteadyFeed(log, observationsOf(serdes.observation, span), RATE);
  try {
    return await takeovers({ workers, opened, watch }, rounds);
  } finally {
    await feed.stop();
    await watch.close();
    await workers.stop();
    await opened.close();
  }
};

/** Workers are killed, and what they leave is taken over. */
export const takeoverBench = async (options: TakeoverOptions): Promise<TakeoverResult> => {
  const { series, rounds, sessionTimeoutMs, brokers, registry } = options;
  if (brokers === undefined || registry === undefined) throw new Error('there is no Kafka');
  const folder = await mkdtemp(join(tmpdir(), 'tidecast-bench-'));
  const workers = new RingWorkers({ folder, brokers, registry, sessionTimeoutMs });
  try {
    const found = await measure(workers, { series, rounds });
    const goalMs = sessionTimeoutMs + GOAL_BESIDE_MS;
    return { series, periods: RING_PERIODS, sessionTimeoutMs, goalMs, takeovers: found };
  } finally {
    await workers.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
