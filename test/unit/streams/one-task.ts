import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryLog, type BareRecord, type MemoryLog } from '../../../src/log/memory/memory-log.ts';
import type { FaultPoint } from '../../../src/log/memory/faults.ts';
import { memoryStoreFolder } from '../../../src/state/memory/memory-store.ts';
import type { StoreFolder } from '../../../src/state/store.ts';
import { openSerde } from '../../../src/schemas/open-serde.ts';
import {
  claimType,
  commitRecordType,
  deadLetterType,
  stateBlockType,
} from '../../../src/schemas/value-types.ts';
import type { SourcePosition } from '../../../src/schemas/commit-record.ts';
import { beginAgain } from '../../../src/streams/begin-again.ts';
import type { Commit } from '../../../src/streams/commit.ts';
import { noMetrics, type TaskMetrics } from '../../../src/streams/metrics.ts';
import { DEFAULT_LIMITS, type TaskLimits } from '../../../src/streams/task-context.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { startWorker, type Worker } from '../../../src/streams/worker.ts';
import { memoryRegistry } from '../../support/tally-run.ts';

export interface OneTaskOptions {
  readonly topology: Topology;
  readonly stores?: StoreFolder;
  readonly limits?: Partial<TaskLimits>;
  readonly metrics?: Partial<TaskMetrics>;
  readonly adopt?: boolean;
}

/** A memory log with one worker on it, and what it told. */
export interface OneTask {
  readonly log: MemoryLog;
  readonly commits: Commit[];
  readonly failures: unknown[];
  /** Strikes at each point of the log while it is set. */
  fault: ((point: FaultPoint) => void) | undefined;
  start(options: OneTaskOptions): Promise<Worker>;
  /** Writes where its tasks begin again in place. */
  beginAgain(
    topology: Topology,
    positionsOf: (partition: number) => readonly SourcePosition[],
  ): Promise<void>;
  append(topic: string, values: readonly (string | null | BareRecord)[]): void;
  values(topic: string): (string | undefined)[];
  /** Waits until a condition holds, looked at whenever the worker tells something. */
  until(condition: () => boolean): Promise<void>;
}

/** What a worker may tell before a test gives up. */
const TOLD_MAX = 5_000;

export const oneTask = (): OneTask => {
  const registry = memoryRegistry();
  let told = 0;
  let look: () => void = () => undefined;
  const hear = (): void => {
    told += 1;
    // After the status has changed.
    setImmediate(() => {
      look();
    });
  };
  const log = memoryLog({ clock: systemClock, faults: (point) => task.fault?.(point) });
  const task: OneTask = {
    log,
    commits: [],
    failures: [],
    fault: undefined,
    async start({ topology, stores = memoryStoreFolder(), limits, metrics, adopt = false }) {
      const worker = await startWorker({
        context: {
          application: 'test',
          instance: 'instance',
          address: '',
          log,
          stores,
          clock: systemClock,
          limits: {
            ...DEFAULT_LIMITS,
            commitIntervalMs: 0,
            idlePollMs: 2,
            backoffMsMin: 1,
            backoffMsMax: 2,
            ...limits,
          },
          metrics: { ...noMetrics, ...metrics },
          topicPrefix: '',
          adopt,
        },
        topologies: [topology],
        schemas: {
          registry,
          openSerde,
          claim: claimType,
          commit: commitRecordType,
          block: stateBlockType,
          deadLetter: deadLetterType,
        },
        version: 'test',
        onCommit: (commit) => {
          task.commits.push(commit);
          hear();
        },
        onFailure: (error) => {
          task.failures.push(error);
          hear();
        },
        onGroupFailure: (error) => {
          task.failures.push(error);
        },
      });
      onTestFinished(() => worker.stop());
      return worker;
    },
    async beginAgain(topology, positionsOf) {
      const changelog = `test.${topology.stream}.${topology.name}.changelog`;
      const serde = await openSerde(registry, `${changelog}.commit`, commitRecordType);
      await beginAgain({
        ...{ log, id: 'again', naming: { application: 'test', topicPrefix: '' } },
        topologies: [{ topology, serde, positionsOf }],
      });
    },
    append(topic, values) {
      const bare = (value: string | null | BareRecord): BareRecord =>
        typeof value === 'object' && value !== null
          ? value
          : { key: Buffer.from('k'), value: value === null ? null : Buffer.from(value) };
      log.append(topic, 0, values.map(bare));
    },
    values: (topic) => log.snapshot(topic).map(({ value }) => value?.toString()),
    until: (condition) =>
      new Promise((resolve, reject) => {
        const most = told + TOLD_MAX;
        look = () => {
          if (condition()) resolve();
          else if (told > most) reject(new Error('the condition never came true'));
        };
        look();
      }),
  };
  return task;
};
