import { seededRandom } from '../../src/core/random.ts';
import type { TrainingSeries } from '../../src/retraining/trainer.ts';

export const FOLDED_HOURS = 24 * 7 * 16;

/** Each hour follows from that of the day before by the tent map, and is not correlated with it. */
export const folded = (seriesId: string): TrainingSeries => {
  const random = seededRandom(seriesId);
  const values = new Float64Array(FOLDED_HOURS);
  for (let hour = 0; hour < FOLDED_HOURS; hour += 1) {
    const before = hour < 24 ? random.next() : ((values[hour - 24] ?? 0) - 10) / 20;
    const tent = 1 - Math.abs(1 - 2 * before) * 0.98 + 0.02 * (random.next() - 0.5);
    values[hour] = 10 + 20 * Math.min(1, Math.max(0, tent));
  }
  return { seriesId, firstPeriod: 0, values };
};
