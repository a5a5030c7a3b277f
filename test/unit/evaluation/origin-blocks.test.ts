import { describe, expect, it } from 'vitest';
import { NO_HOLIDAYS } from '../../../src/calendars/calendar.ts';
import { originBlocks } from '../../../src/evaluation/origin-blocks.ts';
import { ownedWindow } from '../../../src/features/series-window.ts';
import { functionsByZone } from '../../../src/streams/topologies/forecasting/series-functions.ts';
import { OriginRows } from '../../../src/streams/topologies/forecasting/origin-rows.ts';
import type { Series } from '../../../src/streams/topologies/forecasting/series-table.ts';
import { hourlySchema } from '../../support/hourly-schema.ts';

const ORIGINS = 300;

const series = {
  ...{ seriesId: 'a', firstPeriod: 0 },
  values: Float64Array.from({ length: 900 }, (_, hour) => Math.sin(hour / 4) + hour / 300),
};
const blocksOf = (horizon: number) => [
  ...originBlocks({
    panel: { series: [series], holidays: null },
    schemas: [hourlySchema(horizon)],
    origins: Array.from({ length: ORIGINS }, (_, index) => 600 + index),
  }),
];

describe('blocks of origins', () => {
  it.each([
    [24, 256],
    [150, 256],
    [2_016, 47],
  ])('hold fewer of them the wider rows are: %i steps, %i origins', (horizon, most) => {
    const blocks = blocksOf(horizon);
    expect(blocks.flatMap(({ origins }) => [...origins])).toHaveLength(ORIGINS);
    expect(blocks[0]?.count).toBeLessThanOrEqual(most);
    expect(blocks[0]?.count).toBeGreaterThan(0.6 * most);
    for (const { rows } of blocks) {
      for (const values of rows.values()) expect(values.byteLength).toBeLessThan(2 ** 24);
    }
  });

  it('bound what a forecast may reach as a stream does: by the longest rolling window', () => {
    // A summit that no window of the last origin has.
    const values = Float64Array.from({ length: 3_000 }, (_, hour) => (hour < 10 ? 99 : hour % 24));
    const known = { ...series, values };
    const schema = hourlySchema();
    const [block] = originBlocks({
      panel: { series: [known], holidays: null },
      schemas: [schema],
      origins: [100, 2_999],
    });
    const functions = functionsByZone({ schema, calendar: NO_HOLIDAYS })('UTC');
    const window = ownedWindow(functions.plan.lookback + 1);
    const rows = new OriginRows({
      capacity: 2,
      width: functions.plan.width,
      horizon: schema.horizon,
    });
    for (const [hour, value] of values.entries()) {
      window.append(hour, value);
      if (hour !== 100 && hour !== 2_999) continue;
      // Nothing else of a series is read.
      functions.fill(rows, rows.add({ window } as Series, hour, { offset: 0, appendedAtMs: 0 }));
    }
    expect(block?.floor).toEqual(rows.floor);
    expect(block?.ceiling).toEqual(rows.ceiling);
    expect([...rows.ceiling]).toEqual([1.5 * 99, 1.5 * 23]);
  });
});
