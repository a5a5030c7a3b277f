import type { Config } from '../../config/config.ts';
import type { CommitRecord } from '../../schemas/commit-record.ts';
import type { Serde } from '../../schemas/serde.ts';
import { beginAt } from '../../streams/begin-at.ts';
import { changelogNameOf } from '../../streams/changelog.ts';
import { configOf } from '../command-options.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { namingOf } from '../naming.ts';
import type { OpenedLog } from '../opened-log.ts';
import { printLine } from '../print.ts';
import { streamsOf } from '../topics/check.ts';
import {
  examineTopics,
  missingOf,
  refuseUnfit,
  type ExaminedTopics,
} from '../topics/examine-topics.ts';
import { withExistingLog } from '../with-log.ts';
import {
  beginningsOf,
  commitSerdeOf,
  positionsIn,
  printBeginnings,
  type Beginning,
} from './beginnings.ts';
import type { ReplayedApplication, ReplayOptions } from './options.ts';

export interface BesideOptions extends ReplayOptions {
  readonly as: string;
  readonly topicPrefix?: string;
}

/** The configuration under the new names, and how to name it on a command line. */
const renamed = (
  io: Io,
  before: Config,
  options: BesideOptions,
): { config: Config; flags: readonly string[] } => {
  const { as: application, topicPrefix = `${application}.`, config: file, set = [] } = options;
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
  for (const topology of topologies) {
    const changelog = changelogNameOf(namingOf(config), topology);
    if (!existing.has(changelog)) continue;
    throw new CliError(
      'USAGE',
      `${changelog} is there: ${config.application} has begun already; choose another name ` +
        'with --as',
    );
  }
};

/** Makes the topics of the new name, and writes where its tasks begin. */
const begin = async (
  config: Config,
  opened: OpenedLog,
  { examined, beginnings }: { examined: ExaminedTopics; beginnings: readonly Beginning[] },
): Promise<void> => {
  const { log } = opened;
  const naming = namingOf(config);
  const entries: { readonly beginning: Beginning; readonly serde: Serde<CommitRecord> }[] = [];
  // All of them before anything is made: a registry that lacks one refuses the whole.
  for (const beginning of beginnings) {
    entries.push({ beginning, serde: await commitSerdeOf(config, opened, beginning.entry) });
  }
  await log.ensureTopics(missingOf(examined));
  for (const { beginning, serde } of entries) {
    await beginAt({ log, naming, topology: beginning.entry, serde }, (partition) =>
      positionsIn(beginning, partition),
    );
  }
};

/** Begins an application again under another name, beside the old one. */
export const replayBeside = (
  io: Io,
  { config: before, neededOf }: ReplayedApplication,
  options: BesideOptions,
): Promise<void> => {
  const { config, flags } = renamed(io, before, options);
  return withExistingLog(io, config, async (opened) => {
    const examined = await examineTopics(config, opened.log, neededOf);
    refuseUnfit(examined.findings.filter(({ use }) => use === 'source'));
    refuseBegun(config, examined);
    const beginnings = await beginningsOf(config, opened, { ...examined, to: options.to });
    if (options.dryRun !== true) await begin(config, opened, { examined, beginnings });
    await printBeginnings(io, beginnings, options.json);
    const then = `tidecast run ${flags.join(' ')}`;
    const said = options.dryRun === true ? 'Nothing was written.' : `It begins with: ${then}`;
    await printLine(io.err, said);
  });
};
