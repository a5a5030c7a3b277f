import { defaultFeatures } from '../src/features/default-features.ts';
import { compileFeatures } from '../src/features/feature-plan.ts';
import { ownedWindow, type SeriesWindow } from '../src/features/series-window.ts';
import { seededRandom } from '../src/core/random.ts';
import { systemClock } from '../src/core/clock.ts';
import type { FeatureSchema, FeatureTerm } from '../src/schemas/feature-schema.ts';

// Microseconds for one appended value and the row of its origin, series after series as a task sees
// them: what is listed first costs what a user configures, then all that the default model reads.

const SERIES = 500;
const ROUNDS = 40;
const REPEATS = 5;
const WARM_UP = 50;
const START = Date.parse('2001-05-01T00:00:00Z') / 3_600_000;

const LAGS = [1, 2, 3, 24, 48, 168, 336, 504, 672];
const CALENDAR = ['hour', 'dayofweek', 'month', 'is_weekend', 'is_holiday'] as const;

const hourly = (factor: number, timeZone = 'UTC'): FeatureSchema =>
  defaultFeatures({
    frequency: '1h',
    timeZone,
    holidays: null,
    seasons: [24, 168],
    horizon: 24,
    lags: LAGS,
    rolling: {
      windows: [24, 168, 672].map((window) => window * factor),
      statistics: ['mean', 'std', 'min', 'max'],
    },
    calendar: CALENDAR,
  });

const only = (schema: FeatureSchema, keep: (term: FeatureTerm) => boolean): FeatureSchema => ({
  ...schema,
  terms: schema.terms.filter(keep),
});

const LISTED: readonly FeatureTerm['kind'][] = ['lag', 'rolling', 'calendar', 'deviation'];
const isListed = ({ kind }: FeatureTerm): boolean => LISTED.includes(kind);

const microsPerRow = (
  schema: FeatureSchema,
): { readonly micros: number; readonly text: string } => {
  const plan = compileFeatures(schema);
  const random = seededRandom('features');
  const windows = Array.from({ length: SERIES }, (): SeriesWindow => {
    const window = ownedWindow(plan.lookback + 1);
    for (let index = 0; index < window.capacity; index += 1) {
      window.append(START + index, random.int(60));
    }
    return window;
  });
  const out = new Float64Array(plan.width);
  const values = Float64Array.from({ length: 4_096 }, () => random.int(60));
  let next = 0;
  const round = (): void => {
    for (const window of windows) {
      const period = window.head + 1;
      next = (next + 1) % values.length;
      window.append(period, values[next] ?? 0);
      plan.write(window, period, out, 0);
    }
  };
  for (let index = 0; index < WARM_UP; index += 1) round();
  let best = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const begun = systemClock.monotonic();
    for (let index = 0; index < ROUNDS; index += 1) round();
    best = Math.min(best, systemClock.monotonic() - begun);
  }
  const scalars = `${plan.scalarWidth} scalars`;
  const profiles = `${plan.width - plan.scalarWidth} profile columns`;
  return {
    micros: (best * 1_000) / (ROUNDS * SERIES),
    text: `${scalars}, ${profiles}, ${plan.memoryBytes} B kept, ring ${plan.lookback + 1}`,
  };
};

const report = (name: string, schema: FeatureSchema): number => {
  const { micros, text } = microsPerRow(schema);
  console.log(`${name.padEnd(34)} ${micros.toFixed(2).padStart(6)} µs a row   (${text})`);
  return micros;
};

report('30 listed features', only(hourly(1), isListed));
const whole = report('hourly default', hourly(1));
const long = report('hourly default, windows × 10', hourly(10));
report('hourly default, New York', hourly(1, 'America/New_York'));
console.log(`windows × 10 cost ${(long - whole).toFixed(2)} µs more`);
