import { Gauge, type Registry } from 'prom-client';
import type { Accuracy, MetricValues } from '../schemas/accuracy.ts';

/** A model as the registry has it now. */
export interface KnownModel {
  readonly model: string;
  readonly version: string;
  readonly role: string;
  readonly sha256: string;
}

/** All that is known at a scrape: what was told before and is not among it is forgotten. */
export interface KnownQuality {
  readonly accuracies: readonly Accuracy[];
  /** All versions that are worth a line: champions, challengers. */
  readonly models: readonly KnownModel[];
  /** By the configured clock. */
  readonly nowMs: number;
  /** Confirmed episodes of drift that have not ended. */
  readonly episodes: readonly {
    readonly stream: string;
    readonly model: string;
    readonly count: number;
  }[];
  /** Alerts that fire. */
  readonly alerts: readonly {
    readonly stream: string;
    readonly kind: string;
    readonly severity: string;
    readonly count: number;
  }[];
}

/** How good models are, from the records of `accuracy`, and which there are. */
export interface QualityMetrics {
  tell(known: KnownQuality): void;
}

export interface QualityOptions {
  /** The window whose accuracy is shown, by model: `7d`. */
  readonly windowOf: (model: string) => string;
}

/** `mape` is in percent, `wape` a share, `rmse` in the unit of the series. */
const METRICS = ['mape', 'rmse', 'wape', 'mase'] as const;
const SHA_DIGITS = 12;
const COVERAGE = /^coverage_([\d.]+)$/;

const findings = (registry: Registry) => ({
  episodes: new Gauge({
    name: 'tidecast_drift_episodes',
    help: 'Confirmed episodes of drift that have not ended, over all series of a model.',
    labelNames: ['stream', 'model'],
    registers: [registry],
  }),
  alerts: new Gauge({
    name: 'tidecast_open_alerts',
    help: 'Alerts that fire.',
    labelNames: ['stream', 'kind', 'severity'],
    registers: [registry],
  }),
});

const families = (registry: Registry) => ({
  accuracy: new Gauge({
    name: 'forecast_model_accuracy',
    help: 'Accuracy of the champion: mape in percent, wape as a share, rmse, mase over all pairs.',
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

/** A metric that cannot be said is not shown: an old number would look like a new one. */
const show = <L extends string>(
  gauge: Gauge<L>,
  labels: Readonly<Record<L, string>>,
  value: number | null | undefined,
): void => {
  if (value !== null && value !== undefined) gauge.set(labels, value);
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

/** What a version is called that has the role which its records carry; others carry one of none. */
const STANDINGS: Readonly<Record<string, string>> = { champion: 'champion', shadow: 'challenger' };

/** Whether its version still has its role, and its window is not over for longer than it was. */
const isCurrent = ({ model, window }: Accuracy, { models, nowMs }: KnownQuality): boolean => {
  if (nowMs - window.end > window.end - window.start) return false;
  const standing = STANDINGS[model.role];
  return (
    standing === undefined ||
    models.some(({ sha256, role }) => sha256 === model.sha256 && role === standing)
  );
};

const showAccuracy = (of: Families, { model, window, metrics }: Accuracy): void => {
  const { name, role } = model;
  if (role === 'champion') {
    showChampion(of, name, metrics);
    of.matured.set({ model: name }, window.count);
    return;
  }
  for (const metric of METRICS) {
    show(of.candidate, { model: name, role, metric }, metrics[metric]);
  }
};

export const qualityMetrics = (
  registry: Registry,
  { windowOf }: QualityOptions,
): QualityMetrics => {
  const of = families(registry);
  const open = findings(registry);
  return {
    tell(known) {
      for (const gauge of [...Object.values(of), ...Object.values(open)]) gauge.reset();
      for (const { count, ...labels } of known.episodes) open.episodes.set(labels, count);
      for (const { count, ...labels } of known.alerts) open.alerts.set(labels, count);
      for (const accuracy of known.accuracies) {
        const { scope, window, model } = accuracy;
        const isShown = scope === 'model' && window.kind === windowOf(model.name);
        if (isShown && isCurrent(accuracy, known)) showAccuracy(of, accuracy);
      }
      for (const { model, version, role, sha256 } of known.models) {
        of.info.set({ model, version, role, sha: sha256.slice(0, SHA_DIGITS) }, 1);
      }
    },
  };
};
