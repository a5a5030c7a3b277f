import { seededRandom, type SeededRandom } from '../../src/core/random.ts';
import { metadataEntries } from '../../src/models/artifact.ts';
import { NONE, type LinearDesign } from '../../src/models/linear-model.ts';
import type { FeatureSchema } from '../../src/schemas/feature-schema.ts';

export const HORIZON = 24;
export const PROFILES = 8;
const SCALARS = 12;
/** Steps of some rows whose slots have always been 0. */
const QUIET_STEPS = 5;

export const design: LinearDesign = {
  width: SCALARS + PROFILES * HORIZON,
  horizon: HORIZON,
  unit: 1,
  scale: 0,
  level: 5,
  slotMean: SCALARS + HORIZON,
  deviation: 10,
  feedback: [],
  whole: 9,
  least: 1,
  greatest: 2,
  start: NONE,
  anchors: [SCALARS, SCALARS + HORIZON],
  scalars: [
    { kind: 'relative', column: 3, reference: NONE },
    { kind: 'relative', column: 4, reference: 5 },
    { kind: 'relative', column: 6, reference: 5 },
    { kind: 'plain', column: 7, centre: 11.5, spread: 12 },
    { kind: 'plain', column: 8, centre: 0, spread: 1 },
  ],
  profiles: [
    { kind: 'position', column: 5 },
    ...[1, 2, 3, 4].map((index) => ({
      kind: 'shape' as const,
      column: SCALARS + index * HORIZON,
    })),
    { kind: 'shape', column: SCALARS + 7 * HORIZON },
    { kind: 'difference', column: SCALARS + 5 * HORIZON },
    { kind: 'plain', column: SCALARS + 6 * HORIZON },
  ],
};

export const schema: FeatureSchema = {
  version: 1,
  frequency: '1h',
  timeZone: 'UTC',
  holidays: null,
  seasons: [24, 168],
  horizon: HORIZON,
  // As many columns as the design reads, whatever they mean.
  terms: [
    { kind: 'scale' },
    ...Array.from({ length: SCALARS - 1 }, (_, index) => ({
      kind: 'lag' as const,
      periods: 100 + index,
    })),
    ...Array.from({ length: PROFILES }, (_, index) => ({
      kind: 'profile' as const,
      profile: { of: 'seasonal', season: 24, from: index + 1, to: index + 1, offset: 0 } as const,
    })),
  ],
};

export const metadata = metadataEntries({
  featureSchema: schema,
  horizon: HORIZON,
  strategy: 'direct',
  transform: 'none',
  missing: 'nan',
});

/**
 * Rows with and without gaps, outliers and dead scales, so that some inputs are missing or cut off
 * and many rows have none of these, and ranges on both sides of zero.
 */
export const rowsOf = (seed: string, count: number): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: count * design.width }, (_, index) => {
    const kind = Math.floor(index / design.width) % 5;
    if (kind === 3 && random.next() < 0.02) return Number.NaN;
    const special = specialColumn(index % design.width, random);
    if (special !== undefined) return special;
    if (kind === 4 && isQuiet(index % design.width)) return 0;
    return kind === 2 && random.next() < 0.01 ? 1e6 : 10 + 6 * random.normal();
  });
};

/** Of the first steps, what they have always been. */
const isQuiet = (column: number): boolean =>
  design.anchors.some((anchor) => column >= anchor && column < anchor + QUIET_STEPS);

/** Of the columns that have a part of their own in the design. */
const specialColumn = (column: number, random: SeededRandom): number | undefined => {
  switch (column) {
    case design.scale:
      return random.next() < 0.05 ? 0 : 1 + 4 * random.next();
    case design.least:
      return random.next() < 0.5 ? 0 : -10 * random.next();
    case design.greatest:
      return 10 + 30 * random.next();
    case design.whole:
      return random.next() < 0.3 ? 1 : 0;
    default:
      return undefined;
  }
};
