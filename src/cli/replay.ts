import { Command, Option } from 'commander';
import { configOf, withConfig, withExamples, withJson } from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { replayBeside } from './replay/beside.ts';
import { replayInPlace, type InPlaceOptions } from './replay/in-place.ts';
import type { NeededTopicsOf } from './run/needed-topics.ts';

interface Options extends InPlaceOptions {
  readonly as?: string;
  readonly inPlace?: boolean;
  readonly topicPrefix?: string;
}

const replay = (io: Io, neededOf: NeededTopicsOf, options: Options): Promise<void> => {
  const { as, inPlace, ...rest } = options;
  const application = { config: configOf(io, options), neededOf };
  if (inPlace === true) return replayInPlace(io, application, rest);
  if (as !== undefined) return replayBeside(io, application, { ...rest, as });
  throw new CliError(
    'USAGE',
    'say how: --as NAME begins a new application beside the old one, which goes on; --in-place ' +
      'begins the old one again',
  );
};

/** `tidecast replay`. */
export const replayCommand = (io: Io, neededOf: NeededTopicsOf): Command => {
  const command = new Command('replay')
    .description(
      'begin an application again from an earlier place of its sources: under another name and ' +
        'beside the old one, which goes on undisturbed; or in place, with its results written ' +
        'once more behind those that are there',
    )
    .requiredOption(
      '--to <where>',
      'where to begin in each partition of the sources: start, an offset, -N for its last N ' +
        'records, or the time when records were appended (UTC)',
    )
    .option('--as <name>', 'the name of the new application')
    .option('--topic-prefix <prefix>', 'what its topics begin with (default: its name and a dot)')
    .addOption(
      new Option('--in-place', 'begin the application itself again; no worker may run').conflicts([
        'as',
        'topicPrefix',
      ]),
    )
    .addOption(new Option('--yes', 'do not ask before a replay in place').conflicts(['as']))
    .option('--dry-run', 'only say where it would begin')
    .action((options: Options) => replay(io, neededOf, options));
  return withExamples(
    withJson(withConfig(command)),
    'tidecast replay --to 2026-05-01 --as tidecast-may --dry-run',
    'tidecast replay --to start --as tidecast-2',
    'tidecast replay --to 2026-05-01 --in-place',
  );
};
