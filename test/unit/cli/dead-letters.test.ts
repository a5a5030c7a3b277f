import { describe, expect, it } from 'vitest';
import { CommandLine } from './command-line.ts';

const DEAD_LETTER = {
  type: 'record',
  name: 'DeadLetter',
  fields: [
    {
      name: 'origin',
      type: {
        type: 'record',
        name: 'SourceOffset',
        fields: [
          { name: 'topic', type: 'string' },
          { name: 'partition', type: 'int' },
          { name: 'offset', type: 'long' },
        ],
      },
    },
    { name: 'key', type: ['null', 'bytes'] },
    { name: 'value', type: ['null', 'bytes'] },
    { name: 'reason', type: 'string' },
    { name: 'detail', type: 'string' },
    { name: 'topology', type: 'string' },
    { name: 'version', type: 'string' },
    { name: 'attempts', type: 'int' },
  ],
};

interface Letter {
  readonly partition?: number;
  readonly offset: number;
  readonly value: Buffer | null;
  readonly reason?: string;
  readonly detail?: string;
  readonly attempts?: number;
}

const bury = (line: CommandLine, letter: Letter): void => {
  const { partition = 0, offset, value, reason = 'VALUE_NOT_JSON', detail = 'broken' } = letter;
  const bytes = line.encoded(DEAD_LETTER, {
    origin: { topic: 'flights', partition, offset },
    key: { bytes: Buffer.from('k') },
    value: value === null ? null : { bytes: value },
    reason,
    detail,
    topology: 'ingest',
    version: '1',
    attempts: letter.attempts ?? 0,
  });
  line.log.append('flights.dead-letters', partition, [{ key: null, value: bytes }]);
};

const BROKEN = Buffer.from([0xff, 0x00, 0x7b]);

const withLetters = async (): Promise<CommandLine> => {
  const line = new CommandLine();
  await line.log.ensureTopics([
    { name: 'flights', partitions: 2, cleanup: 'delete' },
    { name: 'flights.dead-letters', partitions: 2, cleanup: 'delete' },
  ]);
  bury(line, { offset: 3, value: BROKEN });
  bury(line, { offset: 9, value: Buffer.from('{}'), reason: 'TIME_MISSING', attempts: 2 });
  bury(line, { partition: 1, offset: 5, value: null, detail: 'x; value not kept: sha256 ab' });
  return line;
};

describe('tidecast dead-letters', () => {
  it('counts letters by topic and reason', async () => {
    const line = await withLetters();
    expect(await line.json('dead-letters', 'list')).toEqual([
      { topic: 'flights', reason: 'VALUE_NOT_JSON', count: 2 },
      { topic: 'flights', reason: 'TIME_MISSING', count: 1 },
    ]);
  });

  it('shows what was refused, where it came from and why', async () => {
    const line = await withLetters();
    const { out } = await line.call('dead-letters', 'show', 'flights', '--reason', 'TIME_MISSING');
    expect(out).toBe('flights/0@9  TIME_MISSING (attempt 3): broken\n  key "k"  value "{}"\n');
    expect(await line.json('dead-letters', 'show', 'flights', '--limit', '2')).toHaveLength(2);
  });

  it('sends the same bytes to the same partition again, with one attempt more', async () => {
    const line = await withLetters();
    const outcome = await line.call('dead-letters', 'retry', 'flights');
    expect(outcome.out).toBe('2 dead letters sent to flights again\n');
    expect(outcome.err).toContain('1 were too large to be kept');
    const sent = line.log.snapshot('flights');
    expect(sent.map(({ headers }) => headers['tidecast-attempts'])).toEqual(['1', '3']);
    expect(sent[0]?.value?.equals(BROKEN)).toBe(true);
    expect(sent[0]?.key?.toString()).toBe('k');
  });

  it('sends each letter once, however often it is asked', async () => {
    const line = await withLetters();
    await line.json('dead-letters', 'retry', 'flights');
    expect(await line.json('dead-letters', 'retry', 'flights')).toMatchObject([{ sent: 0 }]);
    bury(line, { offset: 20, value: BROKEN });
    expect(await line.json('dead-letters', 'retry', 'flights')).toMatchObject([{ sent: 1 }]);
    expect(line.log.snapshot('flights')).toHaveLength(3);
  });

  it('sends those of one reason whether they were sent before or not', async () => {
    const line = await withLetters();
    const args = ['dead-letters', 'retry', 'flights', '--reason', 'TIME_MISSING'] as const;
    expect(await line.json(...args)).toMatchObject([{ sent: 1 }]);
    expect(await line.json(...args)).toMatchObject([{ sent: 1 }]);
    expect(await line.log.groupOffsets('tidecast.dead-letters.retry')).toEqual([]);
  });

  it('says that there are none for a topic without any', async () => {
    const outcome = await (await withLetters()).call('dead-letters', 'show', 'sales');
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.err).toContain('there is no topic sales.dead-letters');
  });
});
