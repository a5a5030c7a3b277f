import { Command } from 'commander';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { promoteCommand, rollbackCommand } from './decide-model.ts';
import type { Io } from './io.ts';
import { modelEvents } from './model-events.ts';
import { modelVersions } from '../registry/model-fold.ts';
import { isoTime, printJson, printTable } from './print.ts';
import { registerCommand } from './register-model.ts';
import { isExternal, showCommand, versionJson } from './show-model.ts';
import { withExistingLog } from './with-log.ts';

interface ListOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly stream?: string;
}

const SHA_SHOWN = 12;

const list = (io: Io, options: ListOptions): Promise<void> => {
  const config = configOf(io, options);
  return withExistingLog(io, config, async (opened) => {
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
      isExternal(trained) ? '-' : isoTime(trained.trainedTo),
      isExternal(trained) ? '-' : trained.rows,
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

const listCommand = (io: Io): Command =>
  withExamples(
    withJson(withConfig(new Command('list').description('list every version and its role')))
      .option('-s, --stream <name>', 'only models of this stream')
      .action((options: ListOptions) => list(io, options)),
    'tidecast models list',
  );

/** `tidecast models list | show | register | promote | rollback`. */
export const modelsCommand = (io: Io): Command =>
  withExamples(
    new Command('models')
      .description('the models, their versions and their decisions')
      .addCommand(listCommand(io))
      .addCommand(showCommand(io))
      .addCommand(registerCommand(io))
      .addCommand(promoteCommand(io))
      .addCommand(rollbackCommand(io)),
    'tidecast models list',
    'tidecast models show departures',
  );
