import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { sha256Of } from '../core/sha256.ts';
import type { Config } from '../config/config.ts';
import type { StreamConfig } from '../config/stream-config.ts';
import { systemClock } from '../core/clock.ts';
import { folderArtifactStore } from '../registry/folder/folder-artifact-store.ts';
import { modelVersions, type ModelVersion } from '../registry/model-fold.ts';
import type { RetrainingRequest } from '../schemas/retraining-request.ts';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { dataFolders } from './data-folders.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { modelEvents } from './model-events.ts';
import type { OpenedLog } from './opened-log.ts';
import { printJson, printLine } from './print.ts';
import { requestDecision } from './request-decision.ts';
import { answerTo, printAnswer, refuseLonelyWait, requireRegistered } from './train/answer.ts';
import { askedStream } from './train/asked-stream.ts';
import { withExistingLog } from './with-log.ts';

interface RegisterOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly stream?: string;
  readonly name?: string;
  readonly wait?: boolean;
  readonly actor: string;
  readonly note: string;
}

/** What is to become a version. */
interface NewVersion {
  readonly stream: StreamConfig;
  readonly artifact: Uint8Array;
  readonly sha256: string;
  readonly version: string;
}

/** Digits of the sha256 that name a version which nobody named. */
const NAME_DIGITS = 12;
/** What stands behind the `@` of a model. */
const VERSION_NAME = /^[A-Za-z0-9._-]{1,64}$/;

const readArtifact = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CliError('USAGE', `${file} cannot be read: check its path and permissions`, cause);
  }
};

/** Runs the model once, as those who will serve it do; the runtime is loaded for this alone. */
const requireServable = async (
  config: Config,
  { stream, artifact, version }: NewVersion,
): Promise<void> => {
  const { streamParts } = await import('./run/stream-parts.ts');
  const { openOnnxForecaster } = await import('../models/onnx/onnx-forecaster.ts');
  const { features: featureSchema } = streamParts(config, stream);
  const { name } = stream.model;
  const forecaster = await openOnnxForecaster({
    ...{ artifact, name, version, featureSchema, workers: 1 },
  });
  await forecaster.close();
};

const refuseKnown = (versions: readonly ModelVersion[], wanted: NewVersion): void => {
  const { name } = wanted.stream.model;
  const line = versions.filter(
    ({ trained }) => trained.model === name && trained.stream === wanted.stream.name,
  );
  const same = line.find(({ trained }) => trained.sha256 === wanted.sha256);
  if (same !== undefined) {
    const { trained, role } = same;
    const known = `this file is ${name}@${trained.version} already (${role})`;
    throw new CliError('USAGE', `${known}: let it serve by \`tidecast models promote\``);
  }
  if (line.some(({ trained }) => trained.version === wanted.version)) {
    throw new CliError(
      'USAGE',
      `another version is called ${name}@${wanted.version}: choose another --name`,
    );
  }
};

const newVersion = async (
  config: Config,
  file: string,
  { stream, name }: RegisterOptions,
): Promise<NewVersion> => {
  if (name !== undefined && !VERSION_NAME.test(name)) {
    throw new CliError('USAGE', '--name takes letters, digits, dots, dashes and underscores');
  }
  const artifact = await readArtifact(file);
  const sha256 = sha256Of(artifact);
  const version = name ?? sha256.slice(0, NAME_DIGITS);
  return { stream: askedStream(config, stream), artifact, sha256, version };
};

interface Asked {
  readonly io: Io;
  readonly config: Config;
  readonly options: RegisterOptions;
  readonly wanted: NewVersion;
}

const ask = async (
  opened: OpenedLog,
  { io, config, options, wanted }: Asked,
): Promise<RetrainingRequest> => {
  const { stream, sha256, version, artifact } = wanted;
  refuseKnown(modelVersions(await modelEvents(opened, config, io.signal)), wanted);
  // Before the request that names it, so that whoever answers finds it.
  await folderArtifactStore(dataFolders(config).artifacts).put(sha256, artifact);
  const { actor, note } = options;
  const named = { model: stream.model.name, stream: stream.name, sha256, version };
  const requestedAtMs = systemClock.now();
  const decision = { reason: 'registration', named, actor, note, requestedAtMs } as const;
  return requestDecision(opened, config, decision);
};

const report = async (
  opened: OpenedLog,
  { io, config, options, wanted }: Asked,
  request: RetrainingRequest,
): Promise<void> => {
  const name = `${request.model}@${wanted.version}`;
  if (options.json === true) await printJson(io.out, request);
  else await printLine(io.out, `registration of ${name} requested as ${request.id}`);
  if (options.wait === true) {
    const event = await answerTo(opened, { config, requestId: request.id }, io.signal);
    requireRegistered(event);
    if (options.json === true) await printJson(io.out, event);
    else await printAnswer(io.out, event);
  }
  await printLine(io.err, `tidecast models promote ${name} lets it serve`);
};

const register = async (io: Io, file: string, options: RegisterOptions): Promise<void> => {
  const config = configOf(io, options);
  const wanted = await newVersion(config, file, options);
  await requireServable(config, wanted);
  const asked = { io, config, options, wanted };
  await withExistingLog(io, config, async (opened) => {
    if (options.wait === true) refuseLonelyWait(opened, config);
    await report(opened, asked, await ask(opened, asked));
  });
};

/** `tidecast models register FILE`. */
export const registerCommand = (io: Io): Command =>
  withExamples(
    withJson(
      withConfig(
        new Command('register').description('take in an ONNX model that was trained elsewhere'),
      ),
    )
      .argument('<file>', 'ONNX with the metadata of docs/models.md')
      .option('-s, --stream <name>', 'stream to register it for (default: the default stream)')
      .option('-n, --name <version>', 'name of the version (default: the beginning of its sha256)')
      .option('--wait', 'wait until it is registered')
      .option('--actor <name>', 'who registers it, for the record', 'command line')
      .option('--note <text>', 'what it is, for the record', '')
      .action((file: string, options: RegisterOptions) => register(io, file, options)),
    'tidecast models register model.onnx --name boosted-1 --note "LightGBM, 400 trees" --wait',
  );
