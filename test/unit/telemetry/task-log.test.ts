import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noMetrics } from '../../../src/streams/metrics.ts';
import type { Topology } from '../../../src/streams/topology.ts';
import { taskLog } from '../../../src/telemetry/task-log.ts';
import { notedLogger } from '../../support/noted-logger.ts';

const INGEST = {
  name: 'ingest',
  stream: 'sales',
  sources: [{ kind: 'partitioned', topic: 'tills' }],
} as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const opened = () => {
  let nowMs = 0;
  const logger = notedLogger();
  const counted: string[] = [];
  const told = taskLog({
    metrics: { ...noMetrics, deadLettered: ({ reason }) => void counted.push(reason) },
    logger,
    clock: { now: () => 0, monotonic: () => nowMs },
    // Of a topology, its names and sources are all that is asked for.
    topologies: [INGEST as unknown as Topology],
    stateBudgetBytes: 1_000,
  });
  const pass = (ms: number): void => {
    nowMs += ms;
    vi.advanceTimersByTime(ms);
  };
  const refuse = (reason: string, count: number): void => {
    for (let left = count; left > 0; left -= 1) {
      told.metrics.deadLettered({ stream: 'sales', topology: 'ingest', reason });
    }
  };
  return { lines: logger.lines, counted, told, pass, refuse };
};

describe('the log of tasks', () => {
  it('says once that a source has grown, and again when it grows on', () => {
    const { lines, told } = opened();
    const grown = (partitions: number) =>
      told.metrics.unassigned({ stream: 'sales', topology: 'ingest', topic: 'tills', partitions });
    for (const partitions of [0, 0, 2, 2, 2, 3]) grown(partitions);
    expect(lines.map(({ level, fields: { action, labels } }) => [level, action, labels])).toEqual(
      [2, 3].map((partitions) => [
        'error',
        'source-grown',
        { stream: 'sales', topology: 'ingest', topic: 'tills', partitions },
      ]),
    );
    expect(lines[0]?.fields.error).toMatchObject({ code: 'TASK_SOURCE_PARTITIONS' });
    expect(lines[0]?.message).toContain('tills has 2 more partitions than sales.ingest has tasks');
  });

  it('says that a task has its partition, and how long that took', () => {
    const { lines, told } = opened();
    const place = { stream: 'sales', topology: 'ingest', partition: 3 };
    told.metrics.restored({ ...place, records: 12, durationMs: 3.7 });
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'sales.ingest.3 has its partition and its state',
        fields: {
          action: 'task-acquired',
          labels: { ...place, records: 12, durationMs: 4 },
        },
      },
    ]);
  });

  it('warns once when the state of all tasks together passes its budget', () => {
    const { lines, told } = opened();
    const size = (partition: number, bytes: number): void => {
      told.metrics.state({ stream: 'sales', topology: 'ingest', partition, bytes });
    };
    size(0, 600);
    size(1, 400);
    size(0, 500);
    // Another worker has it now, and its memory.
    size(2, 100);
    told.metrics.gone({ stream: 'sales', topology: 'ingest', partition: 2, positions: [] });
    size(1, 400);
    expect(lines).toEqual([]);
    for (const bytes of [501, 502]) size(1, bytes);
    expect(lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['warn', { action: 'state-over-budget', labels: { bytes: 1_001 } }],
    ]);
  });

  it('says of a failure after which pause the task goes on, and when it has halted', () => {
    const { lines, told } = opened();
    const error = new Error('no room');
    // Of a topology, its names are all that is asked for.
    const task = { topology: INGEST as unknown as Topology, partition: 1 };
    told.onFailure(error, task, 200);
    told.onFailure(error, task, undefined);
    const labels = { stream: 'sales', topology: 'ingest', partition: 1 };
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'sales.ingest.1 failed and is revived in 200 ms',
        fields: { action: 'task-failed', error, labels: { ...labels, backoffMs: 200 } },
      },
      {
        level: 'error',
        message: 'sales.ingest.1 failed again and has halted',
        fields: { action: 'task-halted', error, labels },
      },
    ]);
  });

  it('counts refused records in one line a topic and reason in ten seconds', () => {
    const { lines, counted, pass, refuse } = opened();
    refuse('VALUE_NOT_JSON', 500);
    refuse('TIME_MISSING', 1);
    pass(0);
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn 500 records of tills refused as VALUE_NOT_JSON: see `tidecast dead-letters`',
      'warn 1 record of tills refused as TIME_MISSING: see `tidecast dead-letters`',
    ]);
    for (let second = 0; second < 9; second += 1) {
      refuse('VALUE_NOT_JSON', 10);
      pass(1_000);
    }
    expect(lines).toHaveLength(2);
    pass(1_000);
    expect(lines[2]?.fields.labels).toEqual({
      ...{ stream: 'sales', topic: 'tills', reason: 'VALUE_NOT_JSON' },
      count: 90,
    });
    pass(60_000);
    expect(lines).toHaveLength(3);
    expect(counted).toHaveLength(591);
  });

  it('says at its end what was counted since the last line', () => {
    const { lines, told, pass, refuse } = opened();
    refuse('VALUE_NOT_JSON', 1);
    pass(0);
    refuse('VALUE_NOT_JSON', 7);
    told.close();
    expect(lines.map(({ fields }) => fields.labels?.['count'])).toEqual([1, 7]);
    pass(60_000);
    expect(lines).toHaveLength(2);
  });
});
