import { Gauge, type Registry } from 'prom-client';
import type { Accuracy, MetricValues } from '../schemas/accuracy.ts';

/** A model as the registry has it now. */
export interface KnownModel {
  readonly model: string;
  readonly version: string;
  readonly role: string;
  readonly sha256: string;
}

/** How good models are, from the records of `accuracy`, and which there are. */
export interface QualityMetrics {
  accuracy(accuracy: Accuracy): void;
  /** All versions that are worth a line: champions, challengers. Others are forgotten. */
  models(known: readonly KnownModel[]): void;
}

export interface QualityOptions {
  /** The window whose accuracy is shown, by model: `7d`. */
  readonly windowOf: (model: string) => string;
}

/** `mape` is in percent, `wape` a share, `rmse` in the unit of the series. */
const METRICS = ['mape', 'rmse', 'wape', 'mase'] as const;
const SHA_DIGITS = 12;
const COVERAGE = /^coverage_([\d.]+)$/;

const families = (registry: Registry) => ({
  accuracy: new Gauge({
    name: 'forecast_model_accuracy',
    help: 'Accuracy of the champion: mape in percent, wape as a share, rmse, mase.',
    labelNames: ['model', 'metric'],
    registers: [registry],
  }),
  candidate: new Gauge({
    name: 'tidecast_candidate_accuracy',
    help: 'Accuracy of a model that is scored beside the champion.',
    labelNames: ['model', 'role', 'metric'],
    registers: [registry],
  }),
  coverage: new Gauge({
    name: 'tidecast_interval_coverage_ratio',
    help: 'Share of actuals inside the interval of a level, of the champion.',
    labelNames: ['model', 'level'],
    registers: [registry],
  }),
  bias: new Gauge({
    name: 'tidecast_bias_ratio',
    help: 'Summed forecast minus actual over summed actuals: positive when forecasts are too high.',
    labelNames: ['model'],
    registers: [registry],
  }),
  skill: new Gauge({
    name: 'tidecast_skill_ratio',
    help: '1 minus the WAPE over that of the best naive opponent, of the champion.',
    labelNames: ['model'],
    registers: [registry],
  }),
  matured: new Gauge({
    name: 'tidecast_matured_points',
    help: 'Scored pairs of target and step that the accuracy of the champion rests on.',
    labelNames: ['model'],
    registers: [registry],
  }),
  info: new Gauge({
    name: 'tidecast_model_info',
    help: 'Always 1: which version of a model has which role.',
    labelNames: ['model', 'version', 'role', 'sha'],
    registers: [registry],
  }),
});

type Families = ReturnType<typeof families>;

/** A metric that cannot be said is no longer shown: an old number would look like a new one. */
const show = <L extends string>(
  gauge: Gauge<L>,
  labels: Readonly<Record<L, string>>,
  value: number | null | undefined,
): void => {
  if (value === null || value === undefined) gauge.remove(labels);
  else gauge.set(labels, value);
};

const showChampion = (of: Families, model: string, metrics: MetricValues): void => {
  for (const metric of METRICS) show(of.accuracy, { model, metric }, metrics[metric]);
  show(of.bias, { model }, metrics['bias']);
  show(of.skill, { model }, metrics['skill']);
  for (const [name, value] of Object.entries(metrics)) {
    const [, level] = COVERAGE.exec(name) ?? [];
    if (level !== undefined) show(of.coverage, { model, level }, value);
  }
};

export const qualityMetrics = (
  registry: Registry,
  { windowOf }: QualityOptions,
): QualityMetrics => {
  const of = families(registry);
  /** Accuracy comes in the order of its windows, but corrections tell of earlier ones again. */
  const ends = new Map<string, number>();
  return {
    accuracy({ scope, model: { name, role }, window, metrics }) {
      if (scope !== 'model' || window.kind !== windowOf(name)) return;
      const place = `${name}|${role}`;
      if (window.end < (ends.get(place) ?? -Infinity)) return;
      ends.set(place, window.end);
      if (role === 'champion') {
        showChampion(of, name, metrics);
        of.matured.set({ model: name }, window.count);
        return;
      }
      for (const metric of METRICS) {
        show(of.candidate, { model: name, role, metric }, metrics[metric]);
      }
    },
    models(known) {
      of.info.reset();
      for (const { model, version, role, sha256 } of known) {
        of.info.set({ model, version, role, sha: sha256.slice(0, SHA_DIGITS) }, 1);
      }
    },
  };
};
