import { describe, expect, it } from 'vitest';
import { BatchMemory } from '../../../../src/log/kafka/batch-memory.ts';

const MIB = 1 << 20;

describe('memory of batches', () => {
  it('is lent again once it was given back, and to one at a time', () => {
    const memory = new BatchMemory();
    const [one, other] = [memory.borrow(), memory.borrow()];
    const first = one.lend(100_000);
    expect(first.length).toBeGreaterThanOrEqual(100_000);
    expect(one.lend(100_000)).not.toBe(first);
    expect(other.lend(100_000)).not.toBe(first);
    one.giveBack();
    one.giveBack();
    const again = [other.lend(90_000), other.lend(90_000), other.lend(90_000)];
    expect(again.filter((some) => some === first)).toHaveLength(1);
    expect(new Set(again).size).toBe(3);
  });

  it('is not kept without end', () => {
    const memory = new BatchMemory();
    const borrowed = memory.borrow();
    const all = Array.from({ length: 40 }, () => borrowed.lend(MIB));
    borrowed.giveBack();
    const known = new Set(all);
    const next = memory.borrow();
    const lent = Array.from({ length: 40 }, () => next.lend(MIB));
    expect(lent.filter((one) => known.has(one))).toHaveLength(32);
    // One record may be larger than any batch.
    expect(next.lend(5 * MIB).length).toBe(5 * MIB);
  });
});
