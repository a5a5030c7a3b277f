import { Command, CommanderError } from 'commander';
import { withAskedHelp } from './asked-help.ts';
import { backtestCommand } from './backtest.ts';
import { deadLettersCommand } from './dead-letters.ts';
import { demoCommand } from './demo.ts';
import type { StartDemo } from './demo/run-demo.ts';
import { describeCommand, type TopologiesOf } from './describe.ts';
import { doctorCommand } from './doctor.ts';
import { CliError, exitCodeOf, reportOf, type ExitCode } from './errors.ts';
import { READER_GONE, type Io } from './io.ts';
import { modelsCommand } from './models.ts';
import { printLine } from './print.ts';
import { produceCommand } from './produce.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';
import type { NeededSchemasOf } from './run/needed-schemas.ts';
import type { NeededTopicsOf } from './run/needed-topics.ts';
import { schemasCommand } from './schemas.ts';
import { topicsCommand } from './topics.ts';
import { trainCommand } from './train.ts';
import { version } from './version.ts';

/** What runs takes half a second to load: only those who run pay for it. */
const lazily =
  (io: Io): StartDemo =>
  async (config, clock) => {
    const { startDemo } = await import('./run/start-demo.ts');
    return startDemo(io)(config, clock);
  };

const described: TopologiesOf = async (config, partitions) => {
  const { describedTopologies } = await import('./run/described-topologies.ts');
  return describedTopologies(config, partitions);
};

const needed: NeededTopicsOf = async (config, sources) => {
  const { neededTopics } = await import('./run/needed-topics.ts');
  return neededTopics(config, sources);
};

const neededSchemas: NeededSchemasOf = async (config) => {
  const { neededSchemas: of } = await import('./run/needed-schemas.ts');
  return of(config);
};

/** Every command, one file each, in the order in which a newcomer meets them. */
const COMMANDS: readonly ((io: Io) => Command)[] = [
  (io) => demoCommand(io, lazily(io)),
  runCommand,
  (io) => produceCommand(io, described),
  backtestCommand,
  trainCommand,
  modelsCommand,
  (io) => topicsCommand(io, needed),
  (io) => schemasCommand(io, neededSchemas),
  (io) => describeCommand(io, described),
  (io) => replayCommand(io, needed),
  deadLettersCommand,
  (io) => doctorCommand(io, described),
];

const HELP = `
Everything is in one file, tidecast.yaml (docs/configuration.md). Exit codes: 0 done, 1 the work
failed, 2 the call was wrong.`;

/** The whole command line, unparsed. */
export const program = (io: Io): Command => {
  const root = new Command('tidecast')
    .description(
      'forecasts from a stream: events in, calibrated forecasts, scores and better models out',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpCommand('help [command...]', 'describe a command')
    .addHelpText('after', HELP)
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help to see what is accepted)');
  for (const command of COMMANDS) root.addCommand(command(io));
  return root;
};

/** commander's own settings do not reach commands that were made apart from the root. */
const settle = (command: Command, io: Io): void => {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.out.write(text),
    writeErr: (text) => void io.err.write(text),
  });
  for (const below of command.commands) settle(below, io);
};

/** Runs one call of the command line and says how it ended; never throws, never exits. */
export const run = async (args: readonly string[], io: Io): Promise<ExitCode> => {
  const root = program(io);
  settle(root, io);
  try {
    await root.parseAsync([...withAskedHelp(root, args)], { from: 'user' });
    return 0;
  } catch (error) {
    // commander has printed its message by then; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isInterrupted = error instanceof CliError && error.code === 'INTERRUPTED';
    if (isInterrupted && io.signal.reason === READER_GONE) return 0;
    await printLine(io.err, reportOf(error));
    return exitCodeOf(error);
  }
};
