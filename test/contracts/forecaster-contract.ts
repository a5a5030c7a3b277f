import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import type { Forecaster } from '../../src/models/forecaster.ts';

export interface ForecasterSubject {
  readonly forecaster: Forecaster;
  /** Columns of a row. */
  readonly width: number;
}

const COUNT = 300;

/** Rows of counts, every third with gaps. */
const rowsOf = (width: number): Float64Array => {
  const random = seededRandom('rows');
  return Float64Array.from({ length: COUNT * width }, (_, index) => {
    const hasGaps = Math.floor(index / width) % 3 === 2;
    return hasGaps && random.next() < 0.05 ? Number.NaN : 1 + random.int(40);
  });
};

/** What every forecaster keeps to. */
export const forecasterContract = (name: string, open: () => Promise<ForecasterSubject>): void => {
  describe(`${name} as a forecaster`, () => {
    let subject: ForecasterSubject;
    let rows: Float64Array;
    beforeAll(async () => {
      subject = await open();
      rows = rowsOf(subject.width);
    }, 60_000);
    afterAll(() => subject.forecaster.close());

    const predict = (from: number, to: number): Promise<Float64Array> => {
      const { forecaster, width } = subject;
      return forecaster.predict(rows.subarray(from * width, to * width), to - from);
    };

    it('gives a finite mean for each row and step, gaps or not', async () => {
      const means = await predict(0, COUNT);
      expect(means).toHaveLength(COUNT * subject.forecaster.horizon);
      expect(means.every(Number.isFinite)).toBe(true);
    });

    it('gives the same bytes however rows are batched and calls end', async () => {
      const { horizon } = subject.forecaster;
      const whole = Buffer.from((await predict(0, COUNT)).buffer);
      for (const size of [1, 7, 128]) {
        const parts: Promise<Float64Array>[] = [];
        for (let from = 0; from < COUNT; from += size) {
          parts.push(predict(from, Math.min(COUNT, from + size)));
        }
        const bytes = (await Promise.all(parts)).map((part) => Buffer.from(part.buffer));
        expect(Buffer.concat(bytes).equals(whole)).toBe(true);
      }
      expect(whole).toHaveLength(COUNT * horizon * 8);
    });

    it('has read its rows when it returns, and leaves them as they were', async () => {
      const { forecaster, width } = subject;
      const expected = await predict(0, 9);
      const own = rows.slice(0, 9 * width);
      const pending = forecaster.predict(own, 9);
      expect(own).toEqual(rows.slice(0, 9 * width));
      own.fill(0);
      expect(await pending).toEqual(expected);
    });

    it('takes rows that lie in shared memory, and leaves them as they were', async () => {
      const { forecaster, width } = subject;
      const shared = new Float64Array(new SharedArrayBuffer(rows.byteLength));
      shared.set(rows);
      const some = shared.subarray(100 * width, 109 * width);
      expect(await forecaster.predict(some, 9)).toEqual(await predict(100, 109));
      expect(shared).toEqual(rows);
    });

    it('gives nothing for no rows', async () => {
      expect(await subject.forecaster.predict(new Float64Array(0), 0)).toHaveLength(0);
    });

    it('says who it is', () => {
      const { identity, strategy, horizon, schemaHash } = subject.forecaster;
      expect([identity.name, identity.version, strategy].every((text) => text.length > 0)).toBe(
        true,
      );
      expect(schemaHash).toMatch(/^[0-9a-f]{32}$/);
      expect(horizon).toBeGreaterThan(0);
    });
  });
};
