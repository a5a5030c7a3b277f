import { systemClock } from '../src/core/clock.ts';
import { seededRandom } from '../src/core/random.ts';
import { defaultFeatures } from '../src/features/default-features.ts';
import { IntervalCalibration } from '../src/models/interval-calibration.ts';
import { maturedForecasts } from '../src/models/matured-forecasts.ts';
import { openOnnxRuntime } from '../src/models/onnx/onnx-forecaster.ts';
import type { Trainer, TrainingSeries } from '../src/retraining/trainer.ts';
import { averageTrainer } from '../src/retraining/trainers/average/average.ts';
import { gbdtTrainer } from '../src/retraining/trainers/gbdt/gbdt.ts';
import { ridgeTrainer } from '../src/retraining/trainers/ridge.ts';

// What a model costs: its training, a row through ONNX on one worker thread (copies included), and
// an actual that 24 forecasts with two levels have waited for.

const HOURS = 4_000;
const SERIES = 229;
const HORIZON = 24;
const REPEATS = 5;

const schema = defaultFeatures({
  frequency: '1h',
  timeZone: 'UTC',
  holidays: null,
  seasons: [24, 168],
  horizon: HORIZON,
  lags: [1, 2, 3, 24, 48, 168],
  rolling: { windows: [24, 168], statistics: ['mean', 'std', 'min', 'max'] },
  calendar: ['hour', 'dayofweek', 'is_weekend'],
});

const series = Array.from({ length: SERIES }, (_, index): TrainingSeries => {
  const random = seededRandom(`series-${index}`);
  const values = Float64Array.from(
    { length: HOURS },
    (_hour, hour) => 20 + 10 * Math.sin((2 * Math.PI * hour) / 24) + 3 * random.normal(),
  );
  return { seriesId: `series-${index}`, firstPeriod: 0, values };
});

const report = (name: string, value: number, unit: string): void => {
  console.log(`${name.padEnd(48)} ${value.toFixed(2).padStart(8)} ${unit}`);
};

const train = async (trainer: Trainer): Promise<Uint8Array> => {
  const begun = systemClock.monotonic();
  const { artifact, rows } = await trainer.train(
    { featureSchema: schema, series, fromPeriod: 0, toPeriod: HOURS, seed: 'bench' },
    new AbortController().signal,
  );
  const seconds = (systemClock.monotonic() - begun) / 1_000;
  const what = `${trainer.name}: train on ${SERIES} series of ${HOURS} hours`;
  report(what, seconds, `s (${rows} rows)`);
  report(`${trainer.name}: artifact`, artifact.length / 1e3, 'kB');
  return artifact;
};

const width = schema.terms.reduce((sum, { kind }) => sum + (kind === 'profile' ? HORIZON : 1), 0);

const predict = async (name: string, artifact: Uint8Array): Promise<void> => {
  const runtime = openOnnxRuntime({ workers: 1 });
  const forecaster = await runtime.open({ artifact, name: 'bench', version: '1' });
  const random = seededRandom('rows');
  for (const count of [1, 100, 1_000, 5_000]) {
    const rows = Float64Array.from({ length: count * width }, () => 10 + 20 * random.next());
    const rounds = Math.ceil(20_000 / count / 10);
    let best = Infinity;
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const begun = systemClock.monotonic();
      for (let round = 0; round < rounds; round += 1) await forecaster.predict(rows, count);
      best = Math.min(best, systemClock.monotonic() - begun);
    }
    const micros = (best * 1_000) / (rounds * count);
    report(`${name}: predict, ${width} columns, batches of ${count}`, micros, 'µs a row');
  }
  await runtime.close();
};

const calibrate = (): void => {
  const shape = { season: 24, horizon: HORIZON, levels: [80, 95], slots: 24 };
  const calibration = new IntervalCalibration(shape);
  const count = 1_000;
  const state = new Float64Array(count * calibration.words);
  for (let one = 0; one < count; one += 1)
    calibration.seek(state, one * calibration.words).startCold(3);
  const matured = maturedForecasts(HORIZON, 2);
  matured.count = HORIZON;
  for (let index = 0; index < HORIZON; index += 1) {
    matured.steps[index] = index + 1;
    matured.means[index] = 5;
    matured.lower.set([3, 1], index * 2);
    matured.upper.set([7, 9], index * 2);
  }
  let sum = 0;
  let best = Infinity;
  for (let repeat = 0; repeat < 10 * REPEATS; repeat += 1) {
    const begun = systemClock.monotonic();
    for (let one = 0; one < count; one += 1) {
      calibration.seek(state, one * calibration.words).learn(repeat % 10, repeat % 24, matured);
      for (let index = 0; index < 2 * HORIZON; index += 1) {
        sum += calibration.half(1 + (index >> 1), index >> 1, index & 1);
      }
    }
    best = Math.min(best, systemClock.monotonic() - begun);
  }
  const micros = (best * 1_000) / count;
  report('learn from an actual, issue 24 × 2 bounds', micros, `µs (${calibration.words * 8} B)`);
  if (!Number.isFinite(sum)) throw new Error('a bound is not finite');
};

for (const trainer of [ridgeTrainer(), gbdtTrainer(), averageTrainer()]) {
  await predict(trainer.name, await train(trainer));
}
calibrate();
