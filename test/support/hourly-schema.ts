import { defaultFeatures } from '../../src/features/default-features.ts';
import type { FeatureSchema } from '../../src/schemas/feature-schema.ts';

export const HORIZON = 24;

/** The default features of an hourly stream in UTC, without anything declared beside them. */
export const hourlySchema = (horizon = HORIZON): FeatureSchema =>
  defaultFeatures({
    frequency: '1h',
    timeZone: 'UTC',
    holidays: null,
    seasons: [24, 168],
    horizon,
    lags: [],
    rolling: { windows: [], statistics: [] },
    calendar: [],
  });
