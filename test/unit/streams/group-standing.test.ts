import { describe, expect, it } from 'vitest';
import { LogError } from '../../../src/log/errors.ts';
import type { AssignmentListener, Membership } from '../../../src/log/log.ts';
import { taskLog } from '../../../src/telemetry/task-log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { noMetrics } from '../../../src/streams/metrics.ts';
import { notedLogger } from '../../support/noted-logger.ts';
import { GroupStanding } from '../../../src/streams/group-standing.ts';

const ignore = (): void => undefined;

const membership = (joined: Promise<void>): Membership => ({
  joined,
  confirmed: async () => undefined,
  leave: async () => undefined,
});

describe('the standing of a process in its groups', () => {
  it('waits for each group until it is taken in', async () => {
    const standing = new GroupStanding(ignore);
    let takeIn = ignore;
    standing.follow('a', membership(new Promise((resolve) => (takeIn = resolve))));
    standing.follow('b', membership(Promise.resolve()));
    await Promise.resolve();
    expect(standing.awaited).toEqual(['a']);
    takeIn();
    await Promise.resolve();
    expect(standing.awaited).toEqual([]);
  });

  it('fails with the group that never will', async () => {
    const standing = new GroupStanding(ignore);
    const refusal = new LogError('LOG_UNAUTHORIZED', 'not you');
    standing.follow('a', membership(Promise.reject(refusal)));
    await expect(standing.failed).rejects.toBe(refusal);
    expect(standing.awaited).toEqual(['a']);
  });

  it('passes partitions on, and lets people hear of what fails', () => {
    const logger = notedLogger();
    const { onGroupFailure } = taskLog({
      ...{ metrics: noMetrics, logger, clock: systemClock, topologies: [], stateBudgetBytes: 1 },
    });
    const heard: string[] = [];
    const tasks: Pick<AssignmentListener, 'assigned' | 'lost'> = {
      assigned: (partition) => heard.push(`+${partition}`),
      lost: (partition) => heard.push(`-${partition}`),
    };
    const listener = new GroupStanding(onGroupFailure).listener('a', tasks);
    listener.assigned(1);
    listener.lost(1);
    listener.failed(new LogError('LOG_UNREACHABLE', 'nobody coordinates a'));
    expect(heard).toEqual(['+1', '-1']);
    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        message: 'nobody coordinates a; it is tried again',
        fields: { action: 'group-failed', labels: { group: 'a' } },
      },
    ]);
  });
});
