import { describe, expect, it } from 'vitest';
import { originBlocks } from '../../../src/evaluation/origin-blocks.ts';
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
});
