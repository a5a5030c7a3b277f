import {
  deadLetterTopicName,
  SHARED_TOPICS,
  sharedTopicName,
  streamTopicNames,
} from '../schemas/topics.ts';
import { CHANGELOG_SUFFIX } from '../streams/changelog.ts';
import { judgedDaysMax } from './frequency-defaults.ts';
import type { Problem } from './problems.ts';
import type { RawConfig } from './schema/config-schema.ts';
import type { StreamConfig } from './stream-config.ts';

type KafkaKeys = RawConfig['kafka'];
type RegistryKeys = Pick<KafkaKeys, 'registry' | 'registryAuth' | 'registrySsl'>;

/** Periods that may be open at once: events of each wait in memory until it is over. */
const OPEN_PERIODS_MAX = 10_000;

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
    'grace',
    ({ graceMs, periodMs }) =>
      graceMs <= OPEN_PERIODS_MAX * periodMs
        ? undefined
        : `must be at most ${OPEN_PERIODS_MAX} periods: all of them would be open at once`,
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
      judgeDays <= judgedDaysMax(trainingWindowDays)
        ? undefined
        : `must be at most ${judgedDaysMax(trainingWindowDays)}, a quarter of ` +
          `\`trainingWindowDays\`, which is ${trainingWindowDays}`,
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

/** Topics that end so are never a source, of whatever application. */
const WRITTEN_SUFFIXES: readonly string[] = [CHANGELOG_SUFFIX, deadLetterTopicName('')];

/** Sources that are written here: what comes out of a stream would go into one. */
const circles = (
  streams: readonly Omit<StreamConfig, 'isDefault'>[],
  topicPrefix: string,
): readonly Problem[] => {
  const shared = SHARED_TOPICS.map((topic) => sharedTopicName(topicPrefix, topic));
  const writtenBy = new Map(shared.map((topic) => [topic, 'every stream']));
  for (const { name, source } of streams) {
    for (const topic of streamTopicNames(topicPrefix, name)) {
      // A keyed stream has the observations that its source is.
      if (source.keyed && topic === source.topic) continue;
      writtenBy.set(topic, `stream ${name}`);
    }
  }
  return streams.flatMap(({ name, source: { topic } }) => {
    const writer = WRITTEN_SUFFIXES.some((suffix) => topic.endsWith(suffix))
      ? 'tidecast itself'
      : writtenBy.get(topic);
    if (writer === undefined) return [];
    const message = `"${topic}" is written by ${writer}: name the topic that producers write`;
    return [{ path: ['streams', name, 'source', 'topic'], message }];
  });
};

/** What says the password, and what says who a client is, each once and whole. */
export const kafkaProblems = ({ sasl, ssl }: Pick<KafkaKeys, 'sasl' | 'ssl'>): Problem[] => {
  const problems: Problem[] = [];
  if (sasl !== undefined && (sasl.password === undefined) === (sasl.passwordFile === undefined)) {
    const message = 'one of `password` and `passwordFile` says the password, and only one';
    problems.push({ path: ['kafka', 'sasl', 'passwordFile'], message });
  }
  if (typeof ssl === 'object' && (ssl.cert === undefined) !== (ssl.key === undefined)) {
    const message = 'a client has a certificate and its private key: name both `cert` and `key`';
    problems.push({ path: ['kafka', 'ssl'], message });
  }
  return problems;
};

/** What says the secret of each token, once. */
export const tokenProblems = ({ tokens }: RawConfig['http']): Problem[] =>
  tokens.flatMap(({ secret, secretFile }, index) => {
    if ((secret === undefined) !== (secretFile === undefined)) return [];
    const message = 'one of `secret` and `secretFile` says the secret, and only one';
    return [{ path: ['http', 'tokens', String(index), 'secretFile'], message }];
  });

/** What is wrong with an address; it may hold a password, so that nothing repeats it. */
const addressProblem = ({ registry, registrySsl }: RegistryKeys): string | undefined => {
  const { protocol, username, password, search, hash } = new URL(registry);
  if (protocol !== 'http:' && protocol !== 'https:') {
    return 'must begin with `http://` or `https://`';
  }
  if (username !== '' || password !== '') {
    return 'holds a user or a password: write them under `registryAuth`';
  }
  if (search !== '' || hash !== '') return 'must end with its path';
  return registrySsl !== undefined && protocol === 'http:'
    ? 'must begin with `https://`, since `registrySsl` is given'
    : undefined;
};

/** Whether the registry can be reached as it is said, and with one password. */
export const registryProblems = (keys: RegistryKeys): Problem[] => {
  const { registryAuth: auth, registrySsl: ssl } = keys;
  const problems: Problem[] = [];
  const add = (key: string, message: string): void => {
    problems.push({ path: ['kafka', ...key.split('.')], message });
  };
  const address = addressProblem(keys);
  if (address !== undefined) add('registry', address);
  if (auth !== undefined && (auth.password === undefined) === (auth.passwordFile === undefined)) {
    const message = 'one of `password` and `passwordFile` says the password, and only one';
    add('registryAuth.passwordFile', message);
  }
  if (auth?.username.includes(':') === true) {
    add('registryAuth.username', 'must not have a colon: basic authentication ends the user there');
  }
  if (ssl !== undefined && (ssl.cert === undefined) !== (ssl.key === undefined)) {
    add(
      'registrySsl',
      'a client has a certificate and its private key: name both `cert` and `key`',
    );
  }
  return problems;
};

/** Whether the keys of the streams fit each other. */
export const incoherences = (
  streams: readonly Omit<StreamConfig, 'isDefault'>[],
  topicPrefix: string,
): readonly Problem[] => [
  ...rivals(streams),
  ...circles(streams, topicPrefix),
  ...streams.flatMap((stream) =>
    CHECKS.flatMap(([key, check]) => {
      const message = check(stream);
      return message === undefined
        ? []
        : [{ path: ['streams', stream.name, ...key.split('.')], message }];
    }),
  ),
];
