import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../src/log/log.ts';
import { offset } from '../../../src/log/offset.ts';
import { unpacked } from '../../../src/log/packed-reader.ts';
import type { DeadLetter } from '../../../src/schemas/dead-letter.ts';
import type { Serde } from '../../../src/schemas/serde.ts';
import { outbox } from '../../../src/streams/batch.ts';
import { deadLetterSink, isWithoutBytes } from '../../../src/streams/dead-letter-sink.ts';

const letters: DeadLetter[] = [];
const serde: Serde<DeadLetter> = {
  encode: (letter) => Buffer.from(String(letters.push(letter) - 1)),
  encodeTo: () => {
    throw new Error('a dead letter goes through memory of its own');
  },
  decode: () => ({ ok: false, reason: 'UNUSED', detail: '' }),
  learn: async () => undefined,
};
const sink = deadLetterSink({ topology: 'tally', version: '1', serdes: new Map([['raw', serde]]) });
const refusal = { reason: 'VALUE_NOT_JSON', detail: 'no brace' };

const record = (change: Partial<LogRecord> = {}): LogRecord => ({
  topic: 'raw',
  partition: 2,
  offset: offset(7),
  appendedAtMs: 0,
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: {},
  ...change,
});

const letterOf = (change: Partial<LogRecord> = {}, detail = refusal.detail): DeadLetter => {
  const out = outbox();
  sink(out, record(change), { ...refusal, detail });
  expect(out.refusals).toEqual([refusal.reason]);
  const [only] = out.records.partitions.flatMap((packed) => [...unpacked(packed)]);
  expect(only).toMatchObject({ topic: 'raw.dead-letters', partition: 2 });
  const letter = letters[Number(only?.value?.toString())];
  if (letter === undefined) throw new Error('no letter was encoded');
  return letter;
};

describe('a dead letter', () => {
  it('holds the bytes, where they came from and what was wrong', () => {
    expect(letterOf()).toEqual({
      origin: { topic: 'raw', partition: 2, offset: 7 },
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      ...refusal,
      topology: 'tally',
      version: '1',
      attempts: 0,
    });
  });

  it('counts attempts, and takes no header that is no count', () => {
    const attempts = (text: string): number =>
      letterOf({ headers: { 'tidecast-attempts': text } }).attempts;
    expect(['3', 'many', '-1', '1e99', '1.5'].map(attempts)).toEqual([3, 0, 0, 0, 0]);
  });

  it('names the digest and size of bytes that are too large to keep', () => {
    const large = Buffer.alloc((1 << 20) + 1, 'x');
    const digest = createHash('sha256').update(large).digest('hex');
    const letter = letterOf({ value: large, key: large });
    expect(letter).toMatchObject({ key: null, value: null });
    expect(letter.detail).toContain(`value not kept: sha256 ${digest}, ${large.length} bytes`);
    expect(letter.detail).toContain('key not kept');
    expect(isWithoutBytes(letter)).toBe(true);
    expect(isWithoutBytes(letterOf({ value: null, key: large }))).toBe(false);
  });

  it('cuts a detail that quotes a whole value', () => {
    expect(letterOf({}, 'x'.repeat(1 << 20)).detail.length).toBe(4_000);
  });

  it('is refused for a source without dead letters, with a word on what to do', () => {
    expect(() => {
      sink(outbox(), record({ topic: 'models' }), refusal);
    }).toThrow(/models\/2 offset 7 .*VALUE_NOT_JSON.*start the version that wrote it/);
  });
});
