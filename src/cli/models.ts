import { Command } from 'commander';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { promoteCommand, rollbackCommand } from './decide-model.ts';
import { printGate } from './gate-table.ts';
import type { Io } from './io.ts';
import { findVersion, modelEvents } from './model-events.ts';
import { modelVersions, type ModelVersion } from '../registry/model-fold.ts';
import { isoTime, printJson, printLine, printTable } from './print.ts';
import { withExistingLog } from './with-log.ts';

interface ListOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly stream?: string;
}

const SHA_SHOWN = 12;

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

const show = (io: Io, name: string, options: ListOptions): Promise<void> => {
  const config = configOf(io, options);
  return withExistingLog(io, config, async (opened) => {
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
      await printLine(io.out, `  ${isoTime(decidedAt)}  ${type} by ${actor}: ${reason}`);
      await printGate(io.out, gate);
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
      .argument(
        '<model>',
        'a model (its champion), or model@version, or the beginning of one or of its sha256',
      )
      .action((name: string, options: ListOptions) => show(io, name, options)),
    'tidecast models show departures',
    'tidecast models show departures@3f2a --json',
  );

/** `tidecast models list | show | promote | rollback`. */
export const modelsCommand = (io: Io): Command =>
  withExamples(
    new Command('models')
      .description('the models, their versions and their decisions')
      .addCommand(listCommand(io))
      .addCommand(showCommand(io))
      .addCommand(promoteCommand(io))
      .addCommand(rollbackCommand(io)),
    'tidecast models list',
    'tidecast models show departures',
  );
