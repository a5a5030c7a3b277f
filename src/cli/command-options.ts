import { InvalidArgumentError, type Command } from 'commander';
import { DEFAULT_FILE, loadConfig, type Config } from '../config/config.ts';
import type { Io } from './io.ts';

/** Options that every command with a configuration has. */
export interface ConfigOptions {
  readonly config?: string;
  readonly set?: readonly string[];
}

const gather = (assignment: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  assignment,
];

/** Adds `--set`. */
export const withSet = (command: Command): Command =>
  command.option(
    '--set <path=value>',
    'override one key, such as http.port=9000; repeatable',
    gather,
  );

/** Adds `--config` and `--set`. */
export const withConfig = (command: Command): Command =>
  withSet(
    command.option(
      '-c, --config <file>',
      'configuration (default: ./tidecast.yaml if there is one)',
    ),
  );

/** Reads the configuration that the options, the environment and the folder name. */
export const configOf = ({ env }: Io, { config, set }: ConfigOptions, builtIn?: string): Config =>
  loadConfig({
    env,
    file: config,
    ...(builtIn === undefined ? {} : { builtIn }),
    ...(set === undefined ? {} : { overrides: set }),
  });

/** The file that a configuration is, or would be, written in: for messages. */
export const fileOf = ({ file }: Config): string => file ?? DEFAULT_FILE;

/** What to say of a key on which nothing acts yet. */
export const notInEffectLine = (key: string): string =>
  `${key} is not in effect yet: all goes as it would without it`;

/** Adds `--json`. */
export const withJson = (command: Command): Command =>
  command.option('--json', 'print the result as JSON, one object a line');

/** Adds examples below the options. */
export const withExamples = (command: Command, ...examples: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);

/** Parses a whole number of at least `least`, and at most `most`. */
export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range =
      most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };

/** Parses a number greater than zero. */
export const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number greater than zero.');
};

/** What every log takes as the name of a topic. */
const TOPIC_NAME = /^[A-Za-z0-9._-]{1,200}$/;

/** Reads the name of a topic that may be made. */
export const topicName = (text: string): string => {
  if (TOPIC_NAME.test(text) && text !== '.' && text !== '..') return text;
  throw new InvalidArgumentError('It must be letters, digits, dots, dashes and underscores.');
};
