import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import type { ModelEvent } from '../schemas/model-event.ts';
import { plainValues } from '../schemas/plain-value.ts';
import { sharedTopicName } from '../schemas/topics.ts';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { modelVersions, type ModelVersion } from './model-versions.ts';
import type { OpenedLog } from './opened-log.ts';
import { isoTime, printJson, printLine, printTable } from './print.ts';
import { readTopic } from './read-topic.ts';
import { withLog } from './with-log.ts';

interface ListOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly stream?: string;
}

const SHA_SHOWN = 12;

/** Every model event, in order; none when nothing has been trained yet. */
export const modelEvents = async (
  { log, registry }: OpenedLog,
  config: Config,
  signal: AbortSignal,
): Promise<readonly ModelEvent[]> => {
  const topic = sharedTopicName(config.kafka.topicPrefix, 'models');
  const exists = (await log.topics()).some(({ definition }) => definition.name === topic);
  if (!exists) return [];
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

const versionJson = ({ trained, role, events, voided }: ModelVersion): object => ({
  ...trained,
  type: undefined,
  role,
  events: events.map(({ type, decidedAt, actor, reason, gate }) => ({
    type,
    decidedAt,
    actor,
    reason,
    gate,
  })),
  voided: voided.length,
});

const list = (io: Io, options: ListOptions): Promise<void> => {
  const config = configOf(io, options);
  return withLog(io, config, async (opened) => {
    const versions = modelVersions(await modelEvents(opened, config, io.signal)).filter(
      ({ trained }) => options.stream === undefined || trained.stream === options.stream,
    );
    if (options.json === true) {
      for (const version of versions) await printJson(io.out, versionJson(version));
      return;
    }
    const rows = versions.map(({ trained, role }) => [
      trained.model,
      trained.stream,
      trained.version,
      role,
      trained.trainer,
      isoTime(trained.trainedTo),
      trained.rows,
      trained.sha256.slice(0, SHA_SHOWN),
    ]);
    const header = [
      'MODEL',
      'STREAM',
      'VERSION',
      'ROLE',
      'TRAINER',
      'TRAINED TO',
      'ROWS',
      'SHA256',
    ];
    await printTable(io.out, header, rows);
  });
};

/** `departures` is its champion, `departures@X` the version X or the one whose sha begins so. */
export const findVersion = (versions: readonly ModelVersion[], name: string): ModelVersion => {
  const [model = '', wanted] = name.split('@');
  const line = versions.filter(({ trained }) => trained.model === model);
  if (line.length === 0) {
    const known = [...new Set(versions.map(({ trained }) => trained.model))].join(', ');
    const hint = known === '' ? 'nothing has been trained yet' : `models: ${known}`;
    throw new CliError('NOT_FOUND', `there is no model ${model}; ${hint}`);
  }
  const found = line.filter(({ trained, role }) =>
    wanted === undefined
      ? role === 'champion'
      : trained.version === wanted || trained.sha256.startsWith(wanted),
  );
  const [version, ...others] = found;
  if (version !== undefined && others.length === 0) return version;
  const all = line.map(({ trained }) => trained.version).join(', ');
  const said = others.length > 0 ? `${name} is several versions` : `there is no version ${name}`;
  throw new CliError('NOT_FOUND', `${said}; versions: ${all}`);
};

const show = (io: Io, name: string, options: ListOptions): Promise<void> => {
  const config = configOf(io, options);
  return withLog(io, config, async (opened) => {
    const versions = modelVersions(await modelEvents(opened, config, io.signal));
    const version = findVersion(versions, name);
    if (options.json === true) {
      await printJson(io.out, versionJson(version));
      return;
    }
    const { trained, role, events } = version;
    await printLine(io.out, `${trained.model}@${trained.version} (${role}) of ${trained.stream}`);
    await printLine(io.out, `  sha256    ${trained.sha256}`);
    await printLine(io.out, `  trained   on ${trained.rows} rows by ${trained.trainer}`);
    const span = `${isoTime(trained.trainedFrom)} to ${isoTime(trained.trainedTo)}`;
    await printLine(io.out, `  window    ${span}, horizon ${trained.horizon}`);
    for (const { type, decidedAt, actor, reason, gate } of events) {
      await printLine(io.out, `  ${isoTime(decidedAt)}  ${type} by ${actor}: ${reason} ${gate}`);
    }
  });
};

const listCommand = (io: Io): Command =>
  withExamples(
    withJson(withConfig(new Command('list').description('every version and its role')))
      .option('-s, --stream <name>', 'of this stream alone')
      .action((options: ListOptions) => list(io, options)),
    'tidecast models list',
  );

const showCommand = (io: Io): Command =>
  withExamples(
    withJson(withConfig(new Command('show').description('what happened to one version, and why')))
      .argument('<model>', 'a model (its champion), or model@version, or model@beginning-of-sha256')
      .action((name: string, options: ListOptions) => show(io, name, options)),
    'tidecast models show departures',
    'tidecast models show departures@3f2a --json',
  );

/** `tidecast models list | show`. */
export const modelsCommand = (io: Io): Command =>
  new Command('models')
    .description('the models, their versions and their decisions')
    .addCommand(listCommand(io))
    .addCommand(showCommand(io));
