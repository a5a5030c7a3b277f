import type { Config } from '../../config/config.ts';
import { secretToken } from '../../core/random.ts';
import { beginAgain, type BegunTopology } from '../../streams/begin-again.ts';
import { changelogNameOf, groupOf, namesOf } from '../../streams/changelog.ts';
import type { Topology } from '../../streams/topology.ts';
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

export interface InPlaceOptions extends ReplayOptions {
  /** true: it was confirmed on the command line. */
  readonly yes?: boolean;
}

/** There is nothing to begin again of what has never begun. */
const refuseNeverBegun = (config: Config, { topologies, existing }: ExaminedTopics): void => {
  const naming = namingOf(config);
  const changelogs = topologies.map((topology) => changelogNameOf(naming, topology));
  if (changelogs.some((changelog) => existing.has(changelog))) return;
  throw new CliError(
    'NOT_FOUND',
    `${changelogs.join(', ')} are not there: ${config.application} has never run, so there is ` +
      'nothing to begin again; look at `application`, `kafka.topicPrefix` and `data`',
  );
};

/** A task that runs would write on meanwhile, among what is read again. */
const refuseRunning = async (
  { application }: Config,
  { log, ownerPid }: OpenedLog,
  topologies: readonly Topology[],
): Promise<void> => {
  for (const topology of topologies) {
    const { stream, name } = topology;
    const [member] = await log.groupMembers(groupOf(namesOf({ application }, topology)));
    if (member === undefined) continue;
    const where = member.host === '' ? `process ${ownerPid}` : member.host;
    throw new CliError(
      'STILL_RUNNING',
      `${application} is running (${where} has tasks of ${stream}.${name}): stop all its workers ` +
        'first; one that was killed is gone once its session has timed out',
    );
  }
};

/** What follows from the sources, as opposed to what it has led to in models. */
const followingOf = ({ topologies }: ExaminedTopics): readonly Topology[] =>
  topologies.filter(({ outlivesReplay }) => outlivesReplay !== true);

const WARNING =
  'forgets what these topologies remember and computes their results once more, behind those ' +
  'that are there: readers see that stretch of time twice';

const confirm = async (
  io: Io,
  { application }: Config,
  following: readonly Topology[],
): Promise<void> => {
  const names = following.map(({ stream, name }) => `${stream}.${name}`).join(', ');
  await printLine(io.err, `A replay in place ${WARNING}.`);
  await printLine(io.err, `It begins again: ${names}. Models and requests stay.`);
  const answer = await io.ask(`Type ${application} to go on: `);
  if (answer === undefined) {
    throw new CliError('USAGE', 'nobody is here to confirm this: say --yes');
  }
  if (answer.trim() !== application) {
    throw new CliError('USAGE', `that is not ${application}: nothing was written`);
  }
};

const begin = async (
  config: Config,
  opened: OpenedLog,
  { examined, beginnings }: { examined: ExaminedTopics; beginnings: readonly Beginning[] },
): Promise<void> => {
  const following = followingOf(examined);
  const topologies: BegunTopology[] = [];
  for (const topology of following) {
    const beginning = beginnings.find(({ entry }) => entry === topology);
    topologies.push({
      topology,
      serde: await commitSerdeOf(config, opened, topology),
      positionsOf: (partition) =>
        beginning === undefined ? [] : positionsIn(beginning, partition),
    });
  }
  // Of roles that have not run yet.
  await opened.log.ensureTopics(missingOf(examined));
  const naming = namingOf(config);
  await beginAgain({ log: opened.log, naming, topologies, id: secretToken() });
};

/** Begins an application again under its own name. */
export const replayInPlace = (
  io: Io,
  { config: given, neededOf }: ReplayedApplication,
  options: InPlaceOptions,
): Promise<void> => {
  const config = streamsOf(given);
  return withExistingLog(io, config, async (opened) => {
    const examined = await examineTopics(config, opened.log, neededOf);
    refuseUnfit(examined.findings);
    refuseNeverBegun(config, examined);
    await refuseRunning(config, opened, examined.topologies);
    const beginnings = await beginningsOf(config, opened, { ...examined, to: options.to });
    await printBeginnings(io, beginnings, options.json);
    if (options.dryRun === true) {
      await printLine(io.err, 'Nothing was written.');
      return;
    }
    if (options.yes !== true) await confirm(io, config, followingOf(examined));
    // Whoever was asked may have taken minutes.
    await refuseRunning(config, opened, examined.topologies);
    await begin(config, opened, { examined, beginnings });
    await printLine(io.err, 'It begins again with the next `tidecast run`.');
  });
};
