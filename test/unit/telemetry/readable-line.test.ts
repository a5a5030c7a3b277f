import { expect, it } from 'vitest';
import { TidecastError } from '../../../src/core/errors.ts';
import { logger } from '../../../src/telemetry/logger.ts';
import { readableLine } from '../../../src/telemetry/readable-line.ts';

class Full extends TidecastError {}

it('says time, level, message and what went wrong', () => {
  const lines: string[] = [];
  const log = logger({
    level: 'info',
    service: { name: 's', version: '1' },
    clock: { now: () => Date.UTC(2026, 0, 5, 10, 11, 12, 345), monotonic: () => 0 },
    to: { write: (line) => lines.push(readableLine(line)) },
  });
  log.info('started 24 tasks', { action: 'started', labels: { tasks: 24 } });
  log.warn('a task failed', { error: new Full('DISK_FULL', 'no room') });
  log.error('no error of ours', { error: new Error('oops') });
  expect(lines).toEqual([
    '10:11:12 info  started 24 tasks\n',
    '10:11:12 warn  a task failed: no room (DISK_FULL)\n',
    '10:11:12 error no error of ours: oops\n',
  ]);
});
