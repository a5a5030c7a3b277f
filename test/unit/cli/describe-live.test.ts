import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { offset } from '../../../src/log/offset.ts';
import { commitRecordType } from '../../../src/schemas/value-types.ts';
import { until } from '../../contracts/log-harness.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { CommandLine } from './command-line.ts';

const STREAM = 'source: { topic: sales, series: s, time: t, value: v }, frequency: 1d';
const GROUP = 'tidecast.shop.ingest';
const CHANGELOG = `${GROUP}.changelog`;
const COMMITTED_MS = Date.UTC(2001, 0, 1);
const WATERMARK_MS = Date.UTC(2000, 11, 31);

let line: CommandLine;

/** Each of two raw partitions has ten records; a worker has the first one and has committed. */
beforeEach(async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  const clock = 'clock: { start: 2001-01-01T00:00:10Z }';
  await writeFile(file, `data: ${folder}\n${clock}\nstreams: { shop: { ${STREAM} } }\n`);
  line = new CommandLine();
  line.nowMs = COMMITTED_MS;
  line.env = { TIDECAST_CONFIG: file };
  await line.log.ensureTopics([
    { name: 'sales', partitions: 2, cleanup: 'delete' },
    { name: CHANGELOG, partitions: 2, cleanup: 'compact' },
  ]);
  const value = Buffer.from('{}');
  for (const partition of [0, 1]) {
    line.log.append(
      'sales',
      partition,
      Array.from({ length: 10 }, () => ({ key: null, value })),
    );
  }
});

/** What a task writes with a commit, and then some claims of its later lives. */
const commit = async (next: number, claims = 0): Promise<void> => {
  const key = Buffer.from('commit');
  const sources = '1;sales/0,sales/1';
  const rest = { idle: false, asleep: false, sources, reached: null };
  const value = await line.written(commitRecordType, {
    seq: 1,
    positions: [{ topic: 'sales', partition: 0, next }],
    watermarks: [{ topic: 'sales', partition: 0, watermark: WATERMARK_MS, ...rest }],
    frequency: '1h',
  });
  line.log.append(CHANGELOG, 0, [{ key, value }]);
  for (let left = claims; left > 0; left -= 1) {
    line.log.append(CHANGELOG, 0, [{ key: Buffer.from('claim'), value: Buffer.from('c') }]);
  }
  const producer = await line.log.producer('t');
  const transaction = await producer.begin();
  const position = { group: GROUP, topic: 'sales', partition: 0, next: offset(next) };
  await transaction.commitOffsets([position]);
  await transaction.commit();
};

const own = async (): Promise<void> => {
  const owned = new Set<number>();
  const worker = { instance: 'worker-of-a-test', address: '127.0.0.1:8000' };
  await line.log.join(
    { group: GROUP, topics: ['sales'], worker },
    {
      assigned: (partition) => owned.add(partition),
      lost: (partition) => owned.delete(partition),
      failed: () => undefined,
    },
  );
  await until(() => owned.size === 2);
};

const ingest = async (): Promise<readonly Record<string, unknown>[]> =>
  (await line.json('describe', '--live')).filter(({ topology }) => topology === 'ingest');

describe('tidecast describe --live', () => {
  it('shows each task with its owner, its lag and how far event time has come', async () => {
    await own();
    await commit(7);
    const owner = { instance: 'worker-of-a-test', address: '127.0.0.1:8000', host: '' };
    // Ten records, and where their transaction ended.
    expect(await ingest()).toEqual([
      {
        ...{ stream: 'shop', topology: 'ingest', partition: 0, state: 'working', owner },
        ...{ lagRecords: 4, committedAt: COMMITTED_MS, watermark: WATERMARK_MS },
      },
      {
        ...{ stream: 'shop', topology: 'ingest', partition: 1, state: 'starting', owner },
        ...{ lagRecords: 11, committedAt: null, watermark: null },
      },
    ]);
    const { out } = await line.call('describe', '--live');
    expect(out).toMatch(/^TASK +STATE +OWNER +API +LAG +COMMITTED +WATERMARK\n/);
    const row = out.split('\n').find((text) => text.startsWith('shop.ingest.0 '));
    expect(row?.split(/ {2,}/)).toEqual([
      ...['shop.ingest.0', 'working', `process ${process.pid} (worker-o)`, '127.0.0.1:8000'],
      ...['4', '2001-01-01T00:00:00Z', '2000-12-31T00:00:00Z'],
    ]);
  });

  it('tells idle from stalled by what is left', async () => {
    await own();
    await commit(11);
    expect((await ingest())[0]).toMatchObject({ state: 'idle', lagRecords: 0 });
    await commit(10);
    const later = ['--set', 'clock.start=2001-01-01T00:01:00Z'];
    const [first] = await line.json('describe', '--live', ...later);
    expect(first).toMatchObject({ state: 'stalled', lagRecords: 1 });
  });

  it('finds the last commit behind hundreds of claims', async () => {
    await commit(7, 400);
    expect((await ingest())[0]).toMatchObject({ committedAt: COMMITTED_MS });
  });

  it('says that nobody has what nobody has', async () => {
    await commit(7);
    expect((await ingest()).map(({ state, owner }) => [state, owner])).toEqual([
      ['unassigned', null],
      ['unassigned', null],
    ]);
    // Of topologies that have never run there is not even a lag.
    const all = await line.json('describe', '--live');
    const rest = all.filter(({ topology }) => topology === 'summary');
    expect(rest).toHaveLength(4);
    expect(rest[0]).toMatchObject({ state: 'unassigned', lagRecords: null, committedAt: null });
  });

  it('is no flowchart', async () => {
    expect((await line.call('describe', '--live', '--mermaid')).code).toBe(2);
  });
});
