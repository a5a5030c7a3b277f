import { describe, expect, it } from 'vitest';
import { deadLetterType } from '../../../src/schemas/value-types.ts';
import { CommandLine } from './command-line.ts';

interface Letter {
  readonly partition?: number;
  readonly offset: number;
  readonly value: Buffer | null;
  readonly reason?: string;
  readonly detail?: string;
  readonly attempts?: number;
}

const bury = async (line: CommandLine, letter: Letter): Promise<void> => {
  const { partition = 0, reason = 'VALUE_NOT_JSON', detail = 'broken', attempts = 0 } = letter;
  const value = await line.written(deadLetterType, {
    origin: { topic: 'flights', partition, offset: letter.offset },
    key: Buffer.from('k'),
    value: letter.value,
    reason,
    detail,
    topology: 'ingest',
    version: '1',
    attempts,
  });
  line.log.append('flights.dead-letters', partition, [{ key: null, value }]);
};

const BROKEN = Buffer.from([0xff, 0x00, 0x7b]);

const withLetters = async (): Promise<CommandLine> => {
  const line = new CommandLine();
  await line.log.ensureTopics([
    { name: 'flights', partitions: 2, cleanup: 'delete' },
    { name: 'flights.dead-letters', partitions: 2, cleanup: 'delete' },
  ]);
  await bury(line, { offset: 3, value: BROKEN });
  await bury(line, { offset: 9, value: Buffer.from('{}'), reason: 'TIME_MISSING', attempts: 2 });
  await bury(line, {
    partition: 1,
    offset: 5,
    value: null,
    detail: 'x; value not kept: sha256 ab',
  });
  return line;
};

describe('tidecast dead-letters', () => {
  it('counts letters by topic and reason', async () => {
    const line = await withLetters();
    expect(await line.json('dead-letters', 'list')).toEqual([
      { topic: 'flights', reason: 'VALUE_NOT_JSON', count: 2, sent: 0 },
      { topic: 'flights', reason: 'TIME_MISSING', count: 1, sent: 0 },
    ]);
  });

  it('shows what was refused, where it came from and why', async () => {
    const line = await withLetters();
    const { out } = await line.call('dead-letters', 'show', 'flights', '--reason', 'TIME_MISSING');
    expect(out.split('\n')).toEqual([
      'flights/0@9  TIME_MISSING (sent again 2 times): broken',
      '  key "k"  value "{}"',
      '',
    ]);
    expect(await line.json('dead-letters', 'show', 'flights', '--limit', '2')).toHaveLength(2);
    const named = await line.json('dead-letters', 'show', 'flights.dead-letters', '--limit', '2');
    expect(named).toHaveLength(2);
  });

  it('sends the same bytes to the same partition again, with one attempt more', async () => {
    const line = await withLetters();
    const outcome = await line.call('dead-letters', 'retry', 'flights');
    expect(outcome.out).toBe('2 dead letters sent to flights again\n');
    expect(outcome.err).toContain('1 were too large to be kept');
    const listed = await line.json('dead-letters', 'list');
    expect(listed).toMatchObject([{ reason: 'VALUE_NOT_JSON', count: 2, sent: 1 }, { sent: 1 }]);
    const sent = line.log.snapshot('flights');
    expect(sent.map(({ headers }) => headers['tidecast-attempts'])).toEqual(['1', '3']);
    expect(sent[0]?.value?.equals(BROKEN)).toBe(true);
    expect(sent[0]?.key?.toString()).toBe('k');
  });

  it('sends each letter once, however often it is asked', async () => {
    const line = await withLetters();
    await line.json('dead-letters', 'retry', 'flights');
    expect(await line.json('dead-letters', 'retry', 'flights')).toMatchObject([{ sent: 0 }]);
    await bury(line, { offset: 20, value: BROKEN });
    expect(await line.json('dead-letters', 'retry', 'flights')).toMatchObject([{ sent: 1 }]);
    expect(line.log.snapshot('flights')).toHaveLength(3);
  });

  it('calls it no success when it is stopped before it has read all of them', async () => {
    const line = await withLetters();
    line.abort.abort();
    const { code, out, err } = await line.call('dead-letters', 'retry', 'flights');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('(INTERRUPTED)');
    expect(line.log.snapshot('flights')).toHaveLength(0);
  });

  it('sends a record once that several streams refused, whenever they did', async () => {
    const line = await withLetters();
    await bury(line, { offset: 30, value: BROKEN });
    await bury(line, { offset: 30, value: BROKEN, reason: 'TIME_AHEAD' });
    const first = await line.json('dead-letters', 'retry', 'flights');
    expect(first).toMatchObject([{ sent: 3, repeated: 1 }]);
    await bury(line, { offset: 30, value: BROKEN });
    const second = await line.json('dead-letters', 'retry', 'flights');
    expect(second).toMatchObject([{ sent: 0, repeated: 1 }]);
    expect(line.log.snapshot('flights')).toHaveLength(3);
  });

  it('sends those of one reason once too, with others or alone', async () => {
    const line = await withLetters();
    const args = ['dead-letters', 'retry', 'flights', '--reason', 'TIME_MISSING'] as const;
    expect(await line.json(...args)).toMatchObject([{ sent: 1 }]);
    expect(await line.json(...args)).toMatchObject([{ sent: 0 }]);
    expect(await line.json('dead-letters', 'retry', 'flights')).toMatchObject([{ sent: 1 }]);
    await bury(line, { offset: 21, value: BROKEN });
    await line.json('dead-letters', 'retry', 'flights');
    const broken = await line.json(...args.slice(0, -1), 'VALUE_NOT_JSON');
    expect(broken).toMatchObject([{ sent: 0 }]);
    expect(line.log.snapshot('flights')).toHaveLength(3);
  });

  it('refuses a reason that no letter can have', async () => {
    const line = await withLetters();
    const outcome = await line.call('dead-letters', 'retry', 'flights', '--reason', 'NOPE');
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.err).toContain('It is no reason of dead letters: see `dead-letters list`.');
  });

  it('takes what is refused again for one letter more, and not for two to be sent', async () => {
    const line = await withLetters();
    const args = ['dead-letters', 'retry', 'flights', '--reason', 'TIME_MISSING'] as const;
    for (let attempts = 3; attempts < 6; attempts += 1) {
      expect(await line.json(...args)).toMatchObject([{ sent: 1 }]);
      const value = Buffer.from('{}');
      await bury(line, { offset: attempts + 20, value, reason: 'TIME_MISSING', attempts });
    }
    expect(line.log.snapshot('flights')).toHaveLength(3);
    expect(await line.json('dead-letters', 'list')).toContainEqual({
      ...{ topic: 'flights', reason: 'TIME_MISSING' },
      ...{ count: 4, sent: 3 },
    });
  });

  it('says that there are none for a topic without any', async () => {
    const outcome = await (await withLetters()).call('dead-letters', 'show', 'sales');
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.err).toContain('there is no topic sales.dead-letters');
  });
});
