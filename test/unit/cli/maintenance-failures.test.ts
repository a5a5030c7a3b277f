import { expect, it } from 'vitest';
import { maintenanceFailures } from '../../../src/cli/maintenance-failures.ts';
import { LogError } from '../../../src/log/errors.ts';
import { notedLogger } from '../../support/noted-logger.ts';

it('a log that cannot be cleaned up is told of once an hour, for each kind of failure', () => {
  const logger = notedLogger();
  let nowMs = 0;
  const failed = maintenanceFailures(logger, () => nowMs);
  for (; nowMs < 3_600_000; nowMs += 10_000) {
    failed(new LogError('LOG_DISK', `no room after ${nowMs}`));
    if (nowMs > 60_000) failed(new TypeError('a bug'));
  }
  expect(logger.lines.map(({ message }) => message)).toEqual([
    'the log cannot be cleaned up, and grows until it can: no room after 0',
    'the log cannot be cleaned up, and grows until it can: a bug',
  ]);
  failed(new LogError('LOG_DISK', 'still no room'));
  expect(logger.lines).toHaveLength(3);
});
