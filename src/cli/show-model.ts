import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import type { ArtifactMetadata } from '../models/artifact.ts';
import { folderArtifactStore } from '../registry/folder/folder-artifact-store.ts';
import { modelVersions, type ModelVersion } from '../registry/model-fold.ts';
import { EXTERNAL_TRAINER } from '../schemas/model-event.ts';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { dataFolders } from './data-folders.ts';
import { printGate } from './gate-table.ts';
import type { Io } from './io.ts';
import { findVersion, modelEvents } from './model-events.ts';
import { isoTime, printJson, printLine } from './print.ts';
import { withExistingLog } from './with-log.ts';

interface ShowOptions extends ConfigOptions {
  readonly json?: boolean;
}

/** Whether nothing is known of what it has learnt from. */
export const isExternal = ({ trainer }: ModelVersion['trained']): boolean =>
  trainer === EXTERNAL_TRAINER;

/** A version as one line of JSON. */
export const versionJson = ({ trained, role, events, voided }: ModelVersion): object => ({
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

/** What the artifact says of itself; undefined where it lies in another data folder. */
const metadataOf = async (
  config: Config,
  sha256: string,
): Promise<ArtifactMetadata | undefined> => {
  const artifact = await folderArtifactStore(dataFolders(config).artifacts).get(sha256);
  if (artifact === undefined) return undefined;
  // The reader of ONNX takes its time to load: only this command pays for it.
  const { readOnnxMetadata } = await import('../models/onnx/metadata.ts');
  return readOnnxMetadata(artifact);
};

const printVersion = async (
  { out }: Io,
  { trained, role, events }: ModelVersion,
  members: readonly string[] | undefined,
): Promise<void> => {
  await printLine(out, `${trained.model}@${trained.version} (${role}) of ${trained.stream}`);
  await printLine(out, `  sha256    ${trained.sha256}`);
  const rows = isExternal(trained) ? 'elsewhere' : `on ${trained.rows} rows by ${trained.trainer}`;
  await printLine(out, `  trained   ${rows}`);
  if (members !== undefined) await printLine(out, `  members   ${members.join(', ')}`);
  const span = `${isoTime(trained.trainedFrom)} to ${isoTime(trained.trainedTo)}`;
  const window = isExternal(trained) ? 'unknown' : span;
  await printLine(out, `  window    ${window}, horizon ${trained.horizon}`);
  for (const { type, decidedAt, actor, reason, gate } of events) {
    await printLine(out, `  ${isoTime(decidedAt)}  ${type} by ${actor}: ${reason}`);
    await printGate(out, gate);
  }
};

const show = (io: Io, name: string, options: ShowOptions): Promise<void> => {
  const config = configOf(io, options);
  return withExistingLog(io, config, async (opened) => {
    const versions = modelVersions(await modelEvents(opened, config, io.signal));
    const version = findVersion(versions, name);
    const members = (await metadataOf(config, version.trained.sha256))?.members;
    if (options.json === true) await printJson(io.out, { ...versionJson(version), members });
    else await printVersion(io, version, members);
  });
};

/** `tidecast models show MODEL[@VERSION]`. */
export const showCommand = (io: Io): Command =>
  withExamples(
    withJson(
      withConfig(new Command('show').description('show what happened to one version, and why')),
    )
      .argument(
        '<model>',
        'a model (its champion), or model@version, or the beginning of one or of its sha256',
      )
      .action((name: string, options: ShowOptions) => show(io, name, options)),
    'tidecast models show departures',
    'tidecast models show departures@3f2a --json',
  );
