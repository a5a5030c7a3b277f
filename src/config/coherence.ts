import type { Problem } from './problems.ts';
import type { StreamConfig } from './stream-config.ts';

type Check = (stream: Omit<StreamConfig, 'isDefault'>) => string | undefined;

/** What no single key can be blamed for: key within the stream, and what to write. */
const CHECKS: readonly (readonly [key: string, check: Check])[] = [
  [
    'source.value',
    ({ aggregate, source }) =>
      aggregate === 'count' || source.keyed || source.value !== undefined
        ? undefined
        : `missing: \`aggregate: ${aggregate}\` needs one, only \`count\` does not`,
  ],
  [
    'source.keyed',
    ({ source, aggregate }) =>
      source.keyed && aggregate !== 'none'
        ? 'a source that is keyed by series is not aggregated: write `aggregate: none`'
        : undefined,
  ],
  [
    'deadAfter',
    ({ deadAfterMs, staleAfterMs }) =>
      deadAfterMs > staleAfterMs ? undefined : 'must be longer than `staleAfter`',
  ],
  [
    'batch',
    ({ batch, forecast }) => {
      const beyond = batch.find(({ horizon }) => horizon > forecast.horizon);
      return beyond === undefined
        ? undefined
        : `"${beyond.name}" has horizon ${beyond.horizon}, \`forecast\` only ${forecast.horizon}`;
    },
  ],
  [
    'ringPeriods',
    ({ ringPeriods, features, forecast }) => {
      const { lags, rolling } = features;
      const least = Math.max(forecast.horizon, ...lags, ...rolling.windows) + 1;
      return ringPeriods === undefined || ringPeriods >= least
        ? undefined
        : `must be at least ${least}, for the longest lag, window and horizon`;
    },
  ],
  [
    'retraining.judgeDays',
    ({ retraining: { judgeDays, trainingWindowDays } }) =>
      judgeDays < trainingWindowDays
        ? undefined
        : `must be less than \`trainingWindowDays\`, which is ${trainingWindowDays}`,
  ],
];

const rivals = (
  streams: readonly (StreamConfig | Omit<StreamConfig, 'isDefault'>)[],
): readonly Problem[] => {
  const owner = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { name, model } of streams) {
    const other = owner.get(model.name);
    owner.set(model.name, name);
    if (other === undefined) continue;
    problems.push({
      path: ['streams', name, 'model', 'name'],
      message: `"${model.name}" is the model of stream ${other} already: each has its own`,
    });
  }
  return problems;
};

/** Whether the keys of the streams fit each other. */
export const incoherences = (
  streams: readonly Omit<StreamConfig, 'isDefault'>[],
): readonly Problem[] => [
  ...rivals(streams),
  ...streams.flatMap((stream) =>
    CHECKS.flatMap(([key, check]) => {
      const message = check(stream);
      return message === undefined
        ? []
        : [{ path: ['streams', stream.name, ...key.split('.')], message }];
    }),
  ),
];
