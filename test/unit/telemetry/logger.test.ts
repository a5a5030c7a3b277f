import { describe, expect, it } from 'vitest';
import { TidecastError } from '../../../src/core/errors.ts';
import { logger, type Logger, type LogLevel } from '../../../src/telemetry/logger.ts';

const written = (level: LogLevel, log: (to: Logger) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  log(
    logger({
      level,
      service: { name: 'tidecast', version: '1.2.3' },
      to: { write: (line) => lines.push(line) },
      clock: { now: () => 0, monotonic: () => 0 },
    }),
  );
  // Each line is an object, or JSON.parse or the expectations fail.
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe('logger', () => {
  it('writes one object a line in the words of the Elastic Common Schema', () => {
    const [line] = written('info', (log) =>
      log.info('task revived', {
        action: 'task-revived',
        labels: { task: 'ingest.0' },
        traceId: 'ab',
      }),
    );
    expect(line).toEqual({
      '@timestamp': '1970-01-01T00:00:00.000Z',
      'log.level': 'info',
      message: 'task revived',
      'ecs.version': '8.11.0',
      'service.name': 'tidecast',
      'service.version': '1.2.3',
      'process.pid': process.pid,
      'event.action': 'task-revived',
      'trace.id': 'ab',
      labels: { task: 'ingest.0' },
    });
  });

  it('writes of an error its type, code, message, stack and causes', () => {
    const error = new TidecastError('LOG_DISK', 'no room', { cause: new Error('ENOSPC') });
    const [line] = written('error', (log) => log.error('commit failed', { error }));
    expect(line?.['error']).toMatchObject({
      type: 'TidecastError',
      code: 'LOG_DISK',
      message: 'no room',
      stack_trace: expect.stringMatching(/no room[^]*Caused by: Error: ENOSPC/) as unknown,
    });
  });

  it('takes a thrown value that is no error as it is', () => {
    const [line] = written('warn', (log) => log.warn('odd', { error: 'text' }));
    expect(line?.['error']).toEqual({ message: 'text' });
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('at level %s lets %i of four severities through', (level, count) => {
    const lines = written(level, (log) => {
      log.debug('a');
      log.info('b');
      log.warn('c');
      log.error('d');
    });
    expect(lines).toHaveLength(count);
  });
});
