import { Command } from 'commander';
import {
  configOf,
  fileOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from '../command-options.ts';
import type { Config } from '../../config/config.ts';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { printJson, printLine, printTable } from '../print.ts';
import type { NeededTopicsOf } from '../run/needed-topics.ts';
import { withExistingLog } from '../with-log.ts';
import { examineTopics } from './examine-topics.ts';
import { sentenceOf, type TopicFinding } from './topic-finding.ts';

interface CheckOptions extends ConfigOptions {
  readonly json?: boolean;
}

/** A configuration that needs any topics and schemas. */
export const streamsOf = (config: Config): Config => {
  if (config.streams.length > 0) return config;
  throw new CliError('USAGE', `nothing is needed: add a stream to ${fileOf(config)}`);
};

const HEADER = ['TOPIC', 'USE', 'PARTITIONS', 'VERDICT', 'SETTING', 'NEEDED', 'FOUND'];

const rowOf = (finding: TopicFinding): readonly (string | number)[] => {
  const { topic, use, partitions, verdict, setting, needed, found } = finding;
  return [topic, use, partitions, verdict, setting ?? '-', needed ?? '-', found ?? '-'];
};

/** A table of all, and below it a sentence for each that is not as it is needed. */
const printFindings = async (io: Io, findings: readonly TopicFinding[]): Promise<void> => {
  await printTable(io.out, HEADER, findings.map(rowOf));
  const told = findings.filter(({ verdict }) => verdict === 'unwise' || verdict === 'refused');
  for (const one of told) await printLine(io.out, `${one.verdict}: ${sentenceOf(one)}`);
};

/** Fails when a run would be refused. */
export const failRefused = (findings: readonly TopicFinding[]): void => {
  const { length } = findings.filter(({ verdict }) => verdict === 'refused');
  if (length === 0) return;
  const what = length === 1 ? 'one thing' : `${length} things`;
  throw new CliError('UNHEALTHY', `a run would refuse ${what}: see above what to do`);
};

const check = (io: Io, neededOf: NeededTopicsOf, options: CheckOptions): Promise<void> => {
  const config = streamsOf(configOf(io, options));
  return withExistingLog(io, config, async ({ log }) => {
    const { findings } = await examineTopics(config, log, neededOf);
    if (options.json === true) for (const one of findings) await printJson(io.out, one);
    else await printFindings(io, findings);
    failRefused(findings);
  });
};

/** `tidecast topics check`. */
export const checkCommand = (io: Io, neededOf: NeededTopicsOf): Command =>
  withExamples(
    withJson(
      withConfig(
        new Command('check').description(
          'compare every topic with what the configuration needs; exit code 1 when a run would ' +
            'refuse one',
        ),
      ),
    ).action((options: CheckOptions) => check(io, neededOf, options)),
    'tidecast topics check',
    'tidecast topics check --json',
  );
