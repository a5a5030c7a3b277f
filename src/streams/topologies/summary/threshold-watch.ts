import { canonicalJson } from '../../../core/canonical-json.ts';
import { contentHash } from '../../../core/content-hash.ts';
import {
  checkThresholds,
  decisionWindow,
  isDecisive,
  type AccuracyThresholds,
  type NamedWindow,
  type ThresholdCheck,
} from '../../../evaluation/thresholds.ts';
import type { Accuracy } from '../../../schemas/accuracy.ts';
import type { Alert } from '../../../schemas/alert.ts';
import { jsonStore } from '../../../state/json-store.ts';
import type { Keyed } from '../../../state/keyed.ts';

/** A breach that people have been told of. */
export interface OpenBreach {
  readonly alertId: string;
}

export const breachesStore = jsonStore<OpenBreach>({
  name: 'accuracy-breaches',
  version: 1,
  initial: () => ({ alertId: '' }),
});

export interface ThresholdWatchOptions {
  readonly thresholds: AccuracyThresholds;
  readonly windows: readonly NamedWindow[];
}

const ROLES = ['champion', 'fallback'];

/** What serves, of all that was scored: the champion, or what stands in for it. */
const servingIn = (all: readonly Accuracy[], kind: string): Accuracy | undefined => {
  const models = all.filter(({ scope, window }) => scope === 'model' && window.kind === kind);
  for (const role of ROLES) {
    const found = models.filter(({ model }) => model.role === role);
    // Of two champions on the day of a promotion, the one that was scored more is the one that
    // leaves.
    if (found.length > 0)
      return found.sort((one, other) => one.window.count - other.window.count)[0];
  }
  return undefined;
};

/** Alerts when the accuracy of what serves passes a threshold, and again when it is back. */
export function* watchThresholds(
  all: readonly Accuracy[],
  breaches: Keyed<OpenBreach>,
  { thresholds, windows }: ThresholdWatchOptions,
): Generator<Alert> {
  const names = [...new Set(all.map(({ model }) => model.name))].sort();
  for (const name of names) {
    const models = all.filter(({ model }) => model.name === name);
    const serving = servingIn(models, decisionWindow(windows)?.text ?? '');
    if (serving === undefined || !isDecisive(serving)) continue;
    for (const check of checkThresholds(serving.metrics, thresholds)) {
      yield* settle(serving, check, breaches);
    }
  }
}

function* settle(
  accuracy: Accuracy,
  check: ThresholdCheck,
  breaches: Keyed<OpenBreach>,
): Generator<Alert> {
  const { stream, model, window } = accuracy;
  const key = `${model.name}|${check.metric}`;
  const open = breaches.find(key);
  if (check.isBreached === (open !== undefined)) return;
  const alertId =
    open?.alertId ?? contentHash([stream, 'accuracy', model.name, check.metric, window.end]);
  if (check.isBreached) breaches.put(key, { alertId });
  else breaches.delete(key);
  yield alertOf(accuracy, check, alertId);
}

const rounded = (value: number): string => String(Number(value.toPrecision(4)));

const alertOf = (
  { stream, model, window }: Accuracy,
  { metric, value, limit, isBreached }: ThresholdCheck,
  id: string,
): Alert => {
  const side = metric === 'skill' ? 'below' : 'above';
  const standing = isBreached ? `is ${side} its limit` : `is within its limit again`;
  return {
    id,
    stream,
    kind: 'accuracy',
    severity: 'warning',
    state: isBreached ? 'firing' : 'resolved',
    scope: 'model',
    message:
      `${metric} of ${model.name} ${model.version} over ${window.kind} is ${rounded(value)}: ` +
      `it ${standing} of ${rounded(limit)}`,
    evidence: canonicalJson({
      metric,
      value,
      limit,
      model: { ...model },
      window: { ...window },
    }),
  };
};
