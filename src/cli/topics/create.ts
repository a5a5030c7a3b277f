import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import type { Log, TopicDifference } from '../../log/log.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from '../command-options.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { printJson, printLine } from '../print.ts';
import type { NeededTopicsOf } from '../run/needed-topics.ts';
import { withLog } from '../with-log.ts';
import { failRefused, streamsOf } from './check.ts';
import { examineTopics, ownOf, refuseNewName, type ExaminedTopics } from './examine-topics.ts';
import { sentenceOf } from './topic-finding.ts';

interface CreateOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly sources?: boolean;
  readonly repair?: boolean;
  readonly lower?: boolean;
  readonly adopt?: boolean;
}

/** One thing that was done to a topic. */
interface Done {
  readonly topic: string;
  readonly action: 'created' | 'repaired' | 'lowered';
  readonly partitions?: number;
  readonly setting?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Some topics of ours have as many partitions as their source, which must be known for that. */
const refuseUnknownSource = ({ log }: Config, { topics, existing }: ExaminedTopics): void => {
  if (log === 'embedded') return;
  const source = topics.find(
    ({ use, definition }) => use === 'source' && !existing.has(definition.name),
  );
  if (source === undefined) return;
  throw new CliError(
    'NOT_FOUND',
    `there is no topic ${source.definition.name}, the source of ${source.streams.join(', ')}: ` +
      'its owner creates it; --sources does so here, with as many partitions as ' +
      '`kafka.partitions` says',
  );
};

const createMissing = async (
  log: Log,
  { topics, existing }: ExaminedTopics,
  withSources: boolean,
): Promise<readonly Done[]> => {
  const missing: readonly TopicDefinition[] = topics
    .filter(
      ({ use, definition }) => !existing.has(definition.name) && (withSources || use !== 'source'),
    )
    .map(({ definition }) => definition);
  if (missing.length > 0) await log.ensureTopics(missing);
  return missing.map(({ name, partitions }) => ({ topic: name, action: 'created', partitions }));
};

const settingsOf = (
  action: 'repaired' | 'lowered',
  differences: readonly TopicDifference[],
): readonly Done[] =>
  differences.map(({ topic, setting, needed, found }) => ({
    ...{ topic, action, setting, from: found, to: needed },
  }));

const repairOwn = async (log: Log, examined: ExaminedTopics): Promise<readonly Done[]> =>
  settingsOf('repaired', await log.repairTopics(ownOf(examined)));

const lowerOwn = async (log: Log, examined: ExaminedTopics): Promise<readonly Done[]> =>
  settingsOf('lowered', (await log.lowerTopics?.(ownOf(examined))) ?? []);

/** On Kafka topics have owners, and tools of their own that lower. */
const refuseLowering = ({ log }: Config): void => {
  if (log === 'embedded') return;
  throw new CliError(
    'USAGE',
    '--lower is for the embedded log: on Kafka `kafka-configs.sh` sets what a topic keeps',
  );
};

const doneLine = ({ topic, action, partitions, setting, from, to }: Done): string =>
  action === 'created'
    ? `created   ${topic}  ${partitions ?? 0} partitions`
    : `${action.padEnd(8)}  ${topic}  ${setting ?? ''}: ${from ?? ''} -> ${to ?? ''}`;

const create = (io: Io, neededOf: NeededTopicsOf, options: CreateOptions): Promise<void> => {
  const config = streamsOf(configOf(io, options));
  const { sources = false, repair = false, lower = false, adopt = false, json = false } = options;
  if (lower) refuseLowering(config);
  return withLog(io, config, async ({ log }) => {
    const examined = await examineTopics(config, log, neededOf);
    if (!sources) refuseUnknownSource(config, examined);
    await refuseNewName(config, log, { topologies: examined.topologies, adopt });
    const done = [
      ...(await createMissing(log, examined, sources)),
      ...(repair ? await repairOwn(log, examined) : []),
      ...(lower ? await lowerOwn(log, examined) : []),
    ];
    for (const one of done) {
      if (json) await printJson(io.out, one);
      else await printLine(io.out, doneLine(one));
    }
    if (done.length === 0 && !json) await printLine(io.out, 'every topic is there already');
    const { findings } = await examineTopics(config, log, neededOf);
    const left = findings.filter(({ verdict }) => verdict === 'unwise' || verdict === 'refused');
    for (const one of left) await printLine(io.err, `${one.verdict}: ${sentenceOf(one)}`);
    failRefused(left);
  });
};

/** `tidecast topics create`. */
export const createCommand = (io: Io, neededOf: NeededTopicsOf): Command => {
  const command = new Command('create')
    .description(
      'create every topic of tidecast that the configuration needs and that is not there yet, ' +
        'changelogs and dead letters included',
    )
    .option('--sources', 'create the topics of raw events too, which are others’ otherwise')
    .option(
      '--repair',
      'also set what is wrong of topics that are there, where no record is lost by it; never a ' +
        'partition count, never a source',
    )
    .option(
      '--lower',
      'also let topics of the embedded log keep no more than the configuration needs; what is ' +
        'older is deleted',
    )
    .option('--adopt', 'begin anew beside what an application of another name wrote')
    .action((options: CreateOptions) => create(io, neededOf, options));
  return withExamples(
    withJson(withConfig(command)),
    'tidecast topics create',
    'tidecast topics create --repair --json',
  );
};
