import type { Config } from '../config/config.ts';
import type { ModelEvent } from '../schemas/model-event.ts';
import { plainValues } from '../schemas/plain-value.ts';
import { sharedTopicName } from '../schemas/topics.ts';
import { CliError } from './errors.ts';
import { knownNames } from './known-names.ts';
import type { ModelVersion } from '../registry/model-fold.ts';
import type { OpenedLog } from './opened-log.ts';
import { readTopic } from './read-topic.ts';

const LIST = 'tidecast models list';

/** Every model event, in order; none when nothing has been trained yet. */
export const modelEvents = async (
  { log, registry }: OpenedLog,
  config: Config,
  signal: AbortSignal,
): Promise<readonly ModelEvent[]> => {
  const topic = sharedTopicName(config.kafka.topicPrefix, 'models');
  if ((await log.offsetsOf([topic])).length === 0) return [];
  const plain = plainValues(registry);
  const events: ModelEvent[] = [];
  const from = { kind: 'start' } as const;
  for await (const { value } of readTopic(log, { topic, from, follow: false, signal })) {
    const { type, value: fields } = await plain(value);
    // The topic holds nothing else: its schema is the union of the model events.
    if (type.startsWith('Model')) events.push({ type, ...(fields as object) } as ModelEvent);
  }
  return events;
};

const isMeant = ({ version, sha256 }: ModelVersion['trained'], wanted: string): boolean =>
  version.startsWith(wanted) || sha256.startsWith(wanted);

/**
 * `departures` is its champion, `departures@X` the version X, or the one whose name or sha256
 * begins so.
 */
export const findVersion = (versions: readonly ModelVersion[], name: string): ModelVersion => {
  const [model = '', wanted] = name.split('@');
  const line = versions.filter(({ trained }) => trained.model === model);
  if (line.length === 0) {
    const names = [...new Set(versions.map(({ trained }) => trained.model))];
    const hint =
      names.length === 0
        ? 'nothing has been trained yet'
        : knownNames(model, { kind: 'models', names, listedBy: LIST });
    throw new CliError('NOT_FOUND', `there is no model ${model}; ${hint}`);
  }
  const exact = line.filter(({ trained }) => trained.version === wanted);
  const begun = line.filter(({ trained, role }) =>
    wanted === undefined ? role === 'champion' : isMeant(trained, wanted),
  );
  const found = exact.length === 1 ? exact : begun;
  const [version, ...others] = found;
  if (version !== undefined && others.length === 0) return version;
  const names = line.map(({ trained }) => `${model}@${trained.version}`);
  const none = wanted === undefined ? `${name} has no champion yet` : `there is no version ${name}`;
  const said = others.length > 0 ? `${name} is several versions` : none;
  throw new CliError(
    'NOT_FOUND',
    `${said}; ${knownNames(name, { kind: 'versions', names, listedBy: LIST })}`,
  );
};
