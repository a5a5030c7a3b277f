import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LogError } from '../../../src/log/errors.ts';
import type { AssignmentListener, Log, Membership } from '../../../src/log/log.ts';
import { withContent } from '../../../src/streams/batch.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { until } from '../../contracts/log-harness.ts';
import { oneTask, type OneTask } from './one-task.ts';

const topology = (process: () => void): Topology => ({
  name: 'copy',
  stream: 'shop',
  summary: 'does nothing',
  sources: [{ topic: 'in', kind: 'partitioned' }],
  stores: [],
  sinks: [],
  partitions: 1,
  start: () => ({
    process: map((batch) => {
      process();
      return withContent(batch, undefined);
    }),
  }),
});

interface Given extends OneTask {
  readonly group: AssignmentListener;
}

/** A worker whose group says what the test makes it say. */
const given = async (
  process: () => void = () => undefined,
  confirmed: Membership['confirmed'] = async () => undefined,
): Promise<Given & { state(): string | undefined; progressAtMs(): number | undefined }> => {
  const task = oneTask();
  await task.log.ensureTopics([{ name: 'in', partitions: 1, cleanup: 'keep' }]);
  const heard: AssignmentListener[] = [];
  const join: Log['join'] = async (_group, listener) => {
    heard.push(listener);
    return { joined: Promise.resolve(), confirmed, leave: async () => undefined };
  };
  task.log.join = join;
  const worker = await task.start({
    topology: topology(process),
    // What tasks say of themselves is not mixed with what the log says of them.
    limits: { lagIntervalMs: 60_000 },
  });
  const [group] = heard;
  if (group === undefined) throw new Error('the worker joined no group');
  return Object.assign(task, {
    group,
    state: () => worker.tasks[0]?.state,
    progressAtMs: () => worker.tasks[0]?.progressAtMs,
  });
};

/** Claims in the changelog: how often a task was acquired. */
const claims = ({ log }: OneTask): number =>
  log.snapshot('test.shop.copy.changelog').filter(({ key }) => key?.toString() === 'claim').length;

describe('a supervisor', () => {
  it('starts a partition again that is lost and given back before its task has ended', async () => {
    const task = await given();
    task.group.assigned(0);
    await task.until(() => task.commits.length > 1);
    task.group.lost(0);
    task.group.assigned(0);
    await until(() => claims(task) === 2);
    await task.until(() => task.state() === 'RUNNING');
    expect(task.failures).toEqual([]);
  });

  it('claims nothing once a partition is lost', async () => {
    const task = await given();
    task.group.assigned(0);
    task.group.lost(0);
    await until(() => task.state() === 'CLOSED');
    expect(claims(task)).toBe(0);
    expect(task.failures).toEqual([]);
  });

  it('runs a partition once, however often it is given', async () => {
    const task = await given();
    task.group.assigned(0);
    task.group.assigned(0);
    await task.until(() => task.commits.length > 3);
    expect(claims(task)).toBe(1);
  });

  it('asks the group before it takes over again what it failed with', async () => {
    let failures = 0;
    let answer: () => void = () => undefined;
    const fail = (): void => {
      failures += 1;
      throw new LogError('LOG_FENCED', 'another owns it', { retriable: true });
    };
    const task = await given(fail, async () => new Promise((resolve) => (answer = resolve)));
    const known = answer;
    task.group.assigned(0);
    await until(() => answer !== known);
    expect([failures, claims(task)]).toEqual([1, 1]);
    task.group.lost(0);
    answer();
    await until(() => task.state() === 'CLOSED');
    expect(claims(task)).toBe(1);
  });

  it('leaves a task that halted alone until its partition is given anew', async () => {
    let isBroken = true;
    const task = await given(() => {
      if (isBroken) throw new TypeError('broken');
    });
    task.group.assigned(0);
    await task.until(() => task.state() === 'HALTED');
    expect(claims(task)).toBe(3);
    isBroken = false;
    task.group.lost(0);
    // It is for the next owner to say how it fares.
    expect(task.state()).toBe('CLOSED');
    task.group.assigned(0);
    await task.until(() => task.state() === 'RUNNING');
    expect(claims(task)).toBe(4);
  });

  it('knows of no progress that was none: neither a revival nor an empty poll is any', async () => {
    let isBroken = false;
    const task = await given(() => {
      if (isBroken) throw new LogError('LOG_UNREACHABLE', 'gone', { retriable: true });
    });
    task.group.assigned(0);
    // The first says where it begins; all others bring nothing.
    await task.until(() => task.commits.length > 0);
    const progressAtMs = task.progressAtMs();
    expect(progressAtMs).toBeGreaterThan(0);
    await task.until(() => task.commits.length > 4);
    expect(task.progressAtMs()).toBe(progressAtMs);
    isBroken = true;
    await task.until(() => task.failures.length > 3);
    expect(task.progressAtMs()).toBe(progressAtMs);
    isBroken = false;
    task.log.append('in', 0, [{ key: null, value: null }]);
    await task.until(() => (task.progressAtMs() ?? 0) > (progressAtMs ?? 0));
  });

  it('counts from anew for a partition that another worker had meanwhile', async () => {
    const task = await given();
    task.group.assigned(0);
    await task.until(() => task.commits.length > 0);
    const before = task.progressAtMs() ?? Infinity;
    task.group.lost(0);
    await until(() => task.state() === 'CLOSED');
    expect(task.progressAtMs()).toBeUndefined();
    task.group.assigned(0);
    await task.until(() => (task.progressAtMs() ?? 0) > before);
  });
});
