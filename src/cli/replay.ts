import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import { openSerde } from '../schemas/open-serde.ts';
import type { Serde } from '../schemas/serde.ts';
import { commitRecordType } from '../schemas/value-types.ts';
import { beginAt } from '../streams/begin-at.ts';
import { changelogOf } from '../streams/changelog.ts';
import { partitionedSources, type Topology } from '../streams/topology.ts';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import type { OpenedLog } from './opened-log.ts';
import { printJson, printLine, printTable } from './print.ts';
import { parseFrom } from './read-topic.ts';
import { startPositions, type StartPosition } from './replay/start-positions.ts';
import type { NeededTopicsOf } from './run/needed-topics.ts';
import { streamsOf } from './topics/check.ts';
import { examineTopics, refuseUnfit, type ExaminedTopics } from './topics/examine-topics.ts';
import { withExistingLog } from './with-log.ts';

interface ReplayOptions extends ConfigOptions {
  readonly to: string;
  readonly as: string;
  readonly topicPrefix?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Where one stream begins again. */
interface Beginning {
  readonly entry: Topology;
  readonly positions: readonly StartPosition[];
}

/** The configuration under the new names, and how to name it on a command line. */
const renamed = (io: Io, options: ReplayOptions): { config: Config; flags: readonly string[] } => {
  const { as: application, topicPrefix = `${application}.`, config: file, set = [] } = options;
  const before = configOf(io, options);
  const names = [`application=${application}`, `kafka.topicPrefix=${topicPrefix}`];
  const config = streamsOf(configOf(io, { ...options, set: [...set, ...names] }));
  const isSame =
    config.application === before.application ||
    config.kafka.topicPrefix === before.kafka.topicPrefix;
  if (isSame) {
    throw new CliError(
      'USAGE',
      `a replay is beside ${before.application}: --as and --topic-prefix must be other names ` +
        'than those that it has',
    );
  }
  const given = file === undefined ? [] : [`--config ${file}`];
  return { config, flags: [...given, ...[...set, ...names].map((one) => `--set ${one}`)] };
};

/** A second replay of one name would go on where the first one is. */
const refuseBegun = (config: Config, { topologies, existing }: ExaminedTopics): void => {
  const { application, kafka } = config;
  for (const { stream, name, partitions } of topologies) {
    const names = { application, stream, topology: name };
    const changelog = changelogOf(names, { prefix: kafka.topicPrefix, partitions }).name;
    if (!existing.has(changelog)) continue;
    throw new CliError(
      'USAGE',
      `${changelog} is there: ${application} has begun already; choose another name with --as`,
    );
  }
};

/** Of each stream what reads its source, and from where. */
const beginningsOf = async (
  config: Config,
  { log }: OpenedLog,
  { topologies, to }: Pick<ExaminedTopics, 'topologies'> & { readonly to: string },
): Promise<readonly Beginning[]> => {
  const from = parseFrom(to, '--to');
  const beginnings: Beginning[] = [];
  for (const { name, source } of config.streams) {
    const entry = topologies.find(
      (one) => one.stream === name && partitionedSources(one).includes(source.topic),
    );
    if (entry === undefined) continue;
    beginnings.push({ entry, positions: await startPositions(log, source.topic, from) });
  }
  return beginnings;
};

/** Makes the topics of the new name, and writes where its tasks begin. */
const begin = async (
  config: Config,
  { log, registry }: OpenedLog,
  { examined, beginnings }: { examined: ExaminedTopics; beginnings: readonly Beginning[] },
): Promise<void> => {
  const { application, kafka } = config;
  const naming = { application, topicPrefix: kafka.topicPrefix };
  const missing = examined.topics.filter(
    ({ definition }) => !examined.existing.has(definition.name),
  );
  const opened: (Beginning & { readonly serde: Serde<CommitRecord> })[] = [];
  // All of them before anything is made: a registry that lacks one refuses the whole.
  for (const one of beginnings) {
    const { stream, name, partitions } = one.entry;
    const names = { application, stream, topology: name };
    const changelog = changelogOf(names, { prefix: kafka.topicPrefix, partitions }).name;
    const serde = await openSerde(registry, `${changelog}.commit`, commitRecordType);
    opened.push({ ...one, serde });
  }
  await log.ensureTopics(missing.map(({ definition }) => definition));
  for (const { entry: topology, positions, serde } of opened) {
    await beginAt({ log, naming, topology, serde }, (partition) =>
      positions
        .filter((one) => one.partition === partition)
        .map(({ topic, next }) => ({ topic, partition, next })),
    );
  }
};

const HEADER = ['STREAM', 'TOPIC', 'PARTITION', 'FROM', 'START', 'END'];

const print = async (
  io: Io,
  beginnings: readonly Beginning[],
  json: boolean | undefined,
): Promise<void> => {
  const all = beginnings.flatMap(({ entry: { stream }, positions }) =>
    positions.map((position) => ({ stream, ...position })),
  );
  if (json === true) {
    for (const one of all) await printJson(io.out, one);
    return;
  }
  const rows = all.map(({ stream, topic, partition, next, start, end }) => [
    ...[stream, topic, partition, next, start, end],
  ]);
  await printTable(io.out, HEADER, rows);
};

const replay = (io: Io, neededOf: NeededTopicsOf, options: ReplayOptions): Promise<void> => {
  const { config, flags } = renamed(io, options);
  return withExistingLog(io, config, async (opened) => {
    const examined = await examineTopics(config, opened.log, neededOf);
    refuseUnfit(examined.findings.filter(({ use }) => use === 'source'));
    refuseBegun(config, examined);
    const beginnings = await beginningsOf(config, opened, { ...examined, to: options.to });
    if (options.dryRun !== true) await begin(config, opened, { examined, beginnings });
    await print(io, beginnings, options.json);
    const then = `tidecast run ${flags.join(' ')}`;
    const said = options.dryRun === true ? 'Nothing was written.' : `It begins with: ${then}`;
    await printLine(io.err, said);
  });
};

/** `tidecast replay`. */
export const replayCommand = (io: Io, neededOf: NeededTopicsOf): Command => {
  const command = new Command('replay')
    .description(
      'begin an application again from an earlier place of its sources, under another name and ' +
        'beside the old one, which goes on undisturbed',
    )
    .requiredOption(
      '--to <where>',
      'in each partition of the sources: start, an offset, -N for its last N records, or the ' +
        'time when records were appended (UTC)',
    )
    .requiredOption('--as <name>', 'the name of the new application')
    .option('--topic-prefix <prefix>', 'what its topics begin with (default: its name and a dot)')
    .option('--dry-run', 'only say where it would begin')
    .action((options: ReplayOptions) => replay(io, neededOf, options));
  return withExamples(
    withJson(withConfig(command)),
    'tidecast replay --to 2026-05-01 --as tidecast-may --dry-run',
    'tidecast replay --to start --as tidecast-2',
  );
};
