import { Command } from 'commander';
import { systemClock } from '../core/clock.ts';
import {
  configOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { modelVersions, predecessor, type ModelVersion } from '../registry/model-fold.ts';
import { findVersion, modelEvents } from './model-events.ts';
import { printJson, printLine } from './print.ts';
import type { ModelEvent } from '../schemas/model-event.ts';
import { printAnswer } from './train/answer.ts';
import { requestDecision, type DecisionRequest } from './request-decision.ts';
import { withExistingLog } from './with-log.ts';

interface DecideOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly actor: string;
  readonly note: string;
  readonly force?: boolean;
}

/** The version that is to serve, or why none can. */
type Choose = (versions: readonly ModelVersion[], name: string) => ModelVersion;

const toPromote: Choose = (versions, name) => {
  const version = findVersion(versions, name);
  if (version.role !== 'champion') return version;
  throw new CliError(
    'USAGE',
    `${name} serves already: name a version, such as ${version.trained.model}@VERSION`,
  );
};

const toRollBackTo: Choose = (versions, name) => {
  if (name.includes('@')) return toPromote(versions, name);
  const former = predecessor(versions, findVersion(versions, name));
  if (former !== undefined) return former;
  throw new CliError(
    'NOT_FOUND',
    `no version of ${name} served before: there is nothing to go back to`,
  );
};

/** What the gate said last of a version that it rejected; undefined when it may serve. */
const rejectionOf = ({ role, events }: ModelVersion): ModelEvent | undefined =>
  role === 'rejected' ? events.findLast(({ type }) => type === 'ModelRejected') : undefined;

/** Nobody is to promote a rejected version without having seen why it was rejected. */
const refuseRejected = async (
  { err }: Io,
  version: ModelVersion,
  { force = false }: DecideOptions,
): Promise<void> => {
  const rejection = rejectionOf(version);
  if (rejection === undefined) return;
  await printAnswer(err, rejection);
  if (force) return;
  const { model, version: name } = version.trained;
  throw new CliError(
    'USAGE',
    `the gate rejected ${model}@${name}, see above why: let it serve all the same with --force`,
  );
};

const decide = (
  io: Io,
  { name, reason, choose }: { name: string; reason: DecisionRequest['reason']; choose: Choose },
  options: DecideOptions,
): Promise<void> => {
  const config = configOf(io, options);
  return withExistingLog(io, config, async (opened) => {
    const version = choose(modelVersions(await modelEvents(opened, config, io.signal)), name);
    await refuseRejected(io, version, options);
    const { actor, note } = options;
    const requestedAtMs = systemClock.now();
    const wanted = { reason, named: version.trained, actor, note, requestedAtMs };
    const request = await requestDecision(opened, config, wanted);
    if (options.json === true) {
      await printJson(io.out, request);
      return;
    }
    const { model, version: wantedName } = version.trained;
    await printLine(io.out, `${reason} of ${model}@${wantedName} requested as ${request.id}`);
    const shown = `tidecast models show ${model}@${wantedName}`;
    await printLine(io.err, `${shown} says when it has happened, or why not`);
  });
};

const withReasons = (command: Command): Command =>
  withJson(withConfig(command))
    .option('--actor <name>', 'who decides, for the record', 'command line')
    .option('--note <text>', 'why, for the record', '')
    .option('--force', 'even a version that the gate rejected');

/** `tidecast models promote MODEL@VERSION`. */
export const promoteCommand = (io: Io): Command =>
  withExamples(
    withReasons(new Command('promote').description('ask for a version to become the champion'))
      .argument('<model@version>', 'a version, or the beginning of it or of its sha256')
      .action((name: string, options: DecideOptions) =>
        decide(io, { name, reason: 'promotion', choose: toPromote }, options),
      ),
    'tidecast models promote departures@3f2a --note "passed review"',
  );

/** `tidecast models rollback MODEL[@VERSION]`. */
export const rollbackCommand = (io: Io): Command =>
  withExamples(
    withReasons(new Command('rollback').description('ask for an earlier version to serve again'))
      .argument('<model>', 'the model (its champion before this one), or model@version')
      .action((name: string, options: DecideOptions) =>
        decide(io, { name, reason: 'rollback', choose: toRollBackTo }, options),
      ),
    'tidecast models rollback departures',
  );
