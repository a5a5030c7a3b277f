import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../src/log/log.ts';
import type { ErrorProfile } from '../../src/models/error-profile.ts';
import type { IntervalRule } from '../../src/models/quantile-rules.ts';
import { calibrationBuckets } from '../../src/models/calibration-buckets.ts';
import { seededRandom } from '../../src/core/random.ts';
import { constantShelf } from '../support/constant-shelf.ts';
import {
  forecastingDriver,
  HOUR_MS,
  observed,
  sentTo,
  SERDES,
} from '../support/forecasting-driver.ts';
import { at, HORIZON, promoted } from '../support/model-story.ts';
import type { TopologyDriver } from '../support/topology-driver.ts';

/** Off by `sigma` in the mean, and by `quantile` times as much at the level of 80 %. */
const offBy = (sigma: number, quantile: number): ErrorProfile => ({
  buckets: calibrationBuckets(24, HORIZON),
  levels: [80, 95],
  quantiles: calibrationBuckets(24, HORIZON).map(() => [quantile, 1.5 * quantile]),
  sigma: Array.from({ length: 24 }, () => calibrationBuckets(24, HORIZON).map(() => sigma)),
});

describe('the intervals of a model whose errors are known', () => {
  /** Two days of values, one 2 above the other: the scale is 2. */
  const values = Array.from({ length: 48 }, (_, hour) =>
    observed('a', at(hour), { value: hour < 24 ? 100 : 102 }),
  );
  const errors = { '102': offBy(0.5, 3), '103': offBy(2, 3) };
  const started = (fromMs: number, intervals?: IntervalRule): TopologyDriver =>
    forecastingDriver({
      ...{ aggregate: 'none', isKeyed: true, horizon: HORIZON, historyNeeded: 0, fromMs },
      shelf: constantShelf(HORIZON, errors),
      ...(intervals === undefined ? {} : { intervals }),
    });
  /** Half the width of each level, step by step, by version. */
  const halvesIn = (sent: readonly OutgoingRecord[]) =>
    sentTo(sent, 'forecasts', SERDES.forecast).map(({ model: { version }, intervals }) => ({
      version,
      halves: intervals.map(({ lower, upper }) => ((upper[1] ?? 0) - (lower[1] ?? 0)) / 2),
    }));

  it('begin from them, in units of the series', async () => {
    const sent = await started(at(47)).feed([promoted('102', ''), ...values]);
    expect(halvesIn(sent)).toEqual([{ version: '102', halves: [0.5 * 3 * 2, 1.5 * 0.5 * 3 * 2] }]);
  });

  it('go on half from them where another spoke before', async () => {
    const driver = started(at(47));
    await driver.feed([promoted('102', ''), ...values]);
    const [said] = halvesIn(
      await driver.feed([promoted('103', '102'), observed('a', at(48), { value: 102 })]),
    );
    expect(said?.version).toBe('103');
    // Between the three and twelve of the two, but for the one error that came since.
    expect(said?.halves[0]).toBeGreaterThan(6.5);
    expect(said?.halves[0]).toBeLessThan(8);
  });

  it('follow what comes once it speaks', async () => {
    const said = halvesIn(await started(at(40)).feed([promoted('102', ''), ...values]));
    const [first = 0, last = 0] = [said[0]?.halves[0], said.at(-1)?.halves[0]];
    expect(first).toBe(3);
    // It was right each time.
    expect(last).toBeLessThan(2.99);
  });

  it('follow it by the rule that the stream names', async () => {
    const lastBy = async (intervals?: IntervalRule): Promise<number> => {
      const sent = await started(at(40), intervals).feed([promoted('102', ''), ...values]);
      return halvesIn(sent).at(-1)?.halves[0] ?? 0;
    };
    const [unnamed, controlled, adaptive] = [
      await lastBy(),
      await lastBy('p-control'),
      await lastBy('aci'),
    ];
    expect(controlled).toBe(unnamed);
    expect(adaptive).toBeGreaterThan(controlled);
    expect(adaptive).toBeLessThan(3);
  });
});

describe('the intervals of a new series', () => {
  /** Share of the actuals of each day that lie within 80 %, over all steps. */
  const coverageByDay = (sent: readonly OutgoingRecord[], days: number): readonly number[] => {
    const inside = new Float64Array(days);
    const all = new Float64Array(days);
    for (const { target, actual, steps } of sentTo(sent, 'scores', SERDES.score)) {
      const day = Math.floor((target - at(0)) / (24 * HOUR_MS));
      for (const { lower, upper } of steps) {
        const isInside = (lower[0] ?? NaN) <= actual && actual <= (upper[0] ?? NaN);
        inside[day] = (inside[day] ?? 0) + (isInside ? 1 : 0);
        all[day] = (all[day] ?? 0) + 1;
      }
    }
    return Array.from(inside, (count, day) => count / (all[day] ?? 0));
  };

  it.each([
    [0.001, 0],
    [50_000, 0],
    [50_000, 1_000_000],
    [10, 1_000_000],
  ])('know its unit from the first day on: values ± %d around %d', async (spread, level) => {
    const random = seededRandom('unit');
    const values = Array.from({ length: 14 * 24 }, (_, hour) =>
      observed('a', at(hour), { value: level + spread * random.normal() }),
    );
    const driver = forecastingDriver({ aggregate: 'none', isKeyed: true, horizon: HORIZON });
    const [first = 0, ...others] = coverageByDay(await driver.feed(values), 14);
    expect(first).toBeGreaterThan(0.5);
    for (const share of others) expect(share).toBeGreaterThan(0.6);
    expect(Math.min(...others)).toBeLessThan(0.95);
  });
});
