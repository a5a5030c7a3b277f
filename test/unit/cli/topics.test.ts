import { describe, expect, it } from 'vitest';
import { sourceSet, watermarkRecord } from '../../../src/streams/watermarks.ts';
import { CommandLine } from './command-line.ts';

const OBSERVATION = {
  type: 'record',
  name: 'Observation',
  fields: [
    { name: 'seriesId', type: 'string' },
    { name: 'value', type: ['null', 'double'] },
  ],
};

const filled = async (): Promise<CommandLine> => {
  const line = new CommandLine();
  await line.log.ensureTopics([
    { name: 'sales.observations', partitions: 2, cleanup: 'delete' },
    { name: 'raw', partitions: 1, cleanup: 'keep' },
  ]);
  for (let n = 0; n < 6; n += 1) {
    line.nowMs = Date.UTC(2001, 0, 1, n);
    const value = line.encoded(OBSERVATION, { seriesId: `s${n}`, value: { double: n } });
    const headers = { source: `raw:0:${n}` };
    line.log.append('sales.observations', n % 2, [{ key: Buffer.from(`s${n}`), value, headers }]);
  }
  line.log.append('raw', 0, [{ key: null, value: Buffer.from('{"a":1}') }]);
  return line;
};

const keysOf = (records: Record<string, unknown>[]): unknown[] => records.map(({ key }) => key);

describe('tidecast topics list', () => {
  it('names topics with their size', async () => {
    const line = await filled();
    const { out } = await line.call('topics', 'list');
    expect(out).toContain('TOPIC               PARTITIONS  CLEANUP  OFFSETS');
    expect(out).toContain('sales.observations           2  delete        12');
    expect(await line.json('topics', 'list')).toHaveLength(2);
  });
});

describe('tidecast topics read', () => {
  it('prints one object a record, with its type and plain value', async () => {
    const line = await filled();
    const [first] = await line.json('topics', 'read', 'sales.observations');
    expect(first).toEqual({
      topic: 'sales.observations',
      partition: 0,
      offset: 0,
      timestamp: Date.UTC(2001, 0, 1),
      key: 's0',
      headers: { source: 'raw:0:0' },
      type: 'Observation',
      value: { seriesId: 's0', value: 0 },
    });
  });

  it.each([
    [[], ['s0', 's1', 's2', 's3', 's4', 's5']],
    [
      ['--limit', '2'],
      ['s0', 's1'],
    ],
    [['--limit', '0'], []],
    [
      ['--partition', '1'],
      ['s1', 's3', 's5'],
    ],
    [
      ['--from', '4'],
      ['s4', 's5'],
    ],
    [
      ['--from', '-1'],
      ['s4', 's5'],
    ],
    [
      ['--from', '-2'],
      ['s2', 's3', 's4', 's5'],
    ],
    [
      ['--from', '-9'],
      ['s0', 's1', 's2', 's3', 's4', 's5'],
    ],
    [['--from', '-0'], []],
    [['--from', '99'], []],
    [['--from', 'end'], []],
    [
      ['--from', '2001-01-01T03:00:00Z'],
      ['s3', 's4', 's5'],
    ],
    [
      ['--from', '2001-01-01'],
      ['s0', 's1', 's2', 's3', 's4', 's5'],
    ],
    [['--from', '2001-01-01 04:30'], ['s5']],
    [['--from', '2101-01-01'], []],
  ])('with %j gives %j, in the order of append time', async (args, keys) => {
    const line = await filled();
    expect(keysOf(await line.json('topics', 'read', 'sales.observations', ...args))).toEqual(keys);
  });

  it('follows what is appended later, until it is stopped', async () => {
    const line = await filled();
    const seen: string[] = [];
    line.onOut = (text) => {
      seen.push(text);
      if (seen.length === 2) line.abort.abort();
      else line.log.append('raw', 0, [{ key: null, value: Buffer.from('later') }]);
    };
    const records = await line.json('topics', 'read', 'raw', '--follow');
    expect(records.map(({ type, value }) => [type, value])).toEqual([
      ['json', { a: 1 }],
      ['text', 'later'],
    ]);
  });

  describe('with watermarks among the records', () => {
    const withWatermarks = async (): Promise<CommandLine> => {
      const line = await filled();
      const sources = sourceSet(1, [{ topic: 'raw', partition: 0 }]);
      for (const [at, watermark] of [-Infinity, 7].entries()) {
        const said = { topic: 'raw', partition: 0, watermark, idle: at === 1, sources };
        const to = { topic: 'sales.observations', partition: 0 };
        const { key, value, headers = {} } = watermarkRecord(to, said);
        line.log.append(to.topic, to.partition, [{ key, value, headers }]);
      }
      return line;
    };
    const READ = ['topics', 'read', 'sales.observations'] as const;

    it('leaves them out, and counts none of them from the end', async () => {
      const line = await withWatermarks();
      expect(keysOf(await line.json(...READ, '--from', '-1'))).toEqual(['s4', 's5']);
      expect(keysOf(await line.json(...READ))).toHaveLength(6);
      expect((await line.call(...READ)).out).not.toContain('watermark');
    });

    it('shows them as what they are when they are asked for', async () => {
      const line = await withWatermarks();
      const last = ['--watermarks', '--partition', '0', '--from', '-2'];
      const [first, second] = await line.json(...READ, ...last);
      const member = { topic: 'raw', partition: 0, sources: '1;raw/0' };
      expect(first).toMatchObject({
        type: 'watermark',
        value: { ...member, watermark: null, idle: false },
      });
      expect(second).toMatchObject({
        type: 'watermark',
        value: { ...member, watermark: 7, idle: true },
      });
      const { out } = await line.call(...READ, '--watermarks', '--from', '-1', '-p', '0');
      expect(out).toMatch(
        /^0@\d+ {2}\S+ {2}\\u0000watermark:raw:0 {2}watermark {2}\{"topic":"raw",/,
      );
    });

    it('takes no other record under such a key for one', async () => {
      const line = await filled();
      const key = Buffer.from('\u0000watermark:raw:0');
      line.log.append('raw', 0, [{ key, value: null, headers: { watermark: '7' } }]);
      const { out } = await line.call('topics', 'read', 'raw', '--from', '1');
      expect(out).toBe(
        '0@2  2001-01-01T05:00:00Z  \\u0000watermark:raw:0  none  {"watermark":"7"}\n',
      );
    });
  });

  it('names the five topics nearest to one that there is not, and how to see all', async () => {
    const line = await filled();
    const names = ['departures.forecasting', 'departures.scoring', 'departures.summary'].flatMap(
      (name) => [`tidecast.${name}.changelog`, name],
    );
    await line.log.ensureTopics(
      names.map((name) => ({ name, partitions: 1, cleanup: 'delete' as const })),
    );
    const { code, err } = await line.call('topics', 'read', 'observations');
    expect(code).toBe(2);
    const [, nearest = ''] =
      /nearest topics: (.*); `tidecast topics list` names all 8/.exec(err) ?? [];
    expect(nearest.split(', ')).toHaveLength(5);
    expect(nearest).toMatch(/^sales\.observations, /);
  });

  it.each([
    [['topics', 'read', 'sale'], 'there is no topic sale; topics: raw, sales.observations'],
    [['topics', 'read', 'raw', '--partition', '3'], 'raw has partitions 0 to 0 only'],
    [['topics', 'read', 'raw', '--from', 'x'], '--from x is none of start, end, an offset'],
    [['topics', 'raed', 'raw'], "unknown command 'raed'"],
  ])('%j ends with exit code 2', async (args, message) => {
    const outcome = await (await filled()).call(...args);
    expect(outcome.code).toBe(2);
    expect(outcome.err).toContain(message);
  });
});
