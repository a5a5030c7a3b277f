import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History, rowBytes } from '../../../src/online/history.ts';

const past = (mean: number) => ({ mean, lower: [mean - 1], upper: [mean + 1] });

describe('a history', () => {
  it('keeps the last periods in order, with what was forecast for them', () => {
    const history = new History(1);
    history.put({ time: 1, actual: 10, past: undefined }, 100);
    history.put({ time: 3, actual: 30, past: past(31) }, 100);
    history.put({ time: 2, actual: 20, past: past(21) }, 100);
    const { times, actuals, means, bounds } = history.last(2);
    expect([...times]).toEqual([2, 3]);
    expect([...actuals]).toEqual([20, 30]);
    expect([...means]).toEqual([21, 31]);
    expect([...bounds]).toEqual([20, 22, 30, 32]);
    expect([...history.last(9).means][0]).toBeNaN();
  });

  it('takes a correction for the actual that it corrects, and keeps the forecast', () => {
    const history = new History(1);
    history.put({ time: 1, actual: 10, past: past(11) }, 100);
    history.put({ time: 1, actual: 12, past: undefined }, 100);
    expect([...history.last(9).actuals]).toEqual([12]);
    expect([...history.last(9).means]).toEqual([11]);
  });

  it('is the latest rows of a plain list, in whatever order they come', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 40, maxLength: 300, size: 'max' }),
        fc.integer({ min: 16, max: 60 }),
        (times, rowsMax) => {
          const history = new History(2);
          const plain = new Map<number, number>();
          for (const [at, time] of times.entries()) {
            history.put({ time, actual: at, past: undefined }, rowsMax);
            plain.set(time, at);
          }
          const kept = history.last(Infinity);
          const all = [...plain].sort(([a], [b]) => a - b);
          // It drops an eighth at once, so it may hold fewer than it may; what it holds is right.
          expect(kept.times.length).toBeLessThanOrEqual(rowsMax);
          for (const [at, time] of kept.times.entries()) {
            compared += 1;
            expect(kept.actuals[at]).toBe(plain.get(time));
          }
          expect([...kept.times]).toEqual([...kept.times].sort((a, b) => a - b));
          expect(kept.times.at(-1)).toBe(all.at(-1)?.[0]);
        },
      ),
      { seed: 7 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it('does not grow beyond its rows, and ignores what is older than all of them', () => {
    const history = new History(2);
    for (let time = 0; time < 10_000; time += 1) {
      history.put({ time, actual: time, past: undefined }, 100);
    }
    const before = [...history.last(Infinity).times];
    expect(before.length).toBeGreaterThan(80);
    history.put({ time: -1, actual: 0, past: undefined }, before.length);
    expect([...history.last(Infinity).times]).toEqual(before);
    expect(history.last(Infinity).times.buffer.byteLength).toBeLessThanOrEqual(800);
    expect(rowBytes(2)).toBe(40);
  });

  it('shrinks when there is less room', () => {
    const history = new History(2);
    for (let time = 0; time < 1_000; time += 1) {
      history.put({ time, actual: time, past: undefined }, 1_000);
    }
    history.put({ time: 1_000, actual: 0, past: undefined }, 48);
    expect(history.last(Infinity).times.length).toBeLessThanOrEqual(48);
    expect(history.lastTime).toBe(1_000);
  });

  it('goes on from the rows that it had', () => {
    const one = new History(1);
    one.put({ time: 1, actual: 1, past: past(1) }, 100);
    expect(new History(1, one.last(9)).last(9).times).toHaveLength(1);
  });
});
