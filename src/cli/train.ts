import { Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import type { StreamConfig } from '../config/stream-config.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { systemClock } from '../core/clock.ts';
import { contentHash } from '../core/content-hash.ts';
import { DAY_MS } from '../core/duration.ts';
import type { RetrainingRequest, TopicPosition } from '../schemas/retraining-request.ts';
import { streamTopicName } from '../schemas/topics.ts';
import { appendRequest } from './append-request.ts';
import {
  configOf,
  wholeNumber,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import type { OpenedLog } from './opened-log.ts';
import { isoTime, printJson, printLine } from './print.ts';
import { answerTo, printAnswer, refuseLonelyWait, requireModel } from './train/answer.ts';
import { askedStream } from './train/asked-stream.ts';
import type { ExportStrategy } from './train/export-rows.ts';
import { dataUntil } from './train/data-until.ts';
import { withExistingLog } from './with-log.ts';

/** Of hours with the default features: half a gigabyte. */
const EXPORTED_ROWS = 100_000;

interface TrainOptions extends ConfigOptions {
  readonly export?: string;
  readonly strategy?: ExportStrategy;
  readonly rows?: number;
  readonly json?: boolean;
  readonly stream?: string;
  readonly windowDays?: number;
  readonly wait?: boolean;
  readonly actor: string;
}

/** Stable ends, now, of what a training reads. */
const positionsOf = async (
  { log }: OpenedLog,
  { kafka }: Config,
  stream: StreamConfig,
): Promise<readonly TopicPosition[]> => {
  const name = (topic: 'observations' | 'scores'): string =>
    streamTopicName(kafka.topicPrefix, stream.name, topic);
  const { keyed, topic: source } = stream.source;
  // A keyed source holds the observations itself.
  const topics = [keyed ? source : name('observations'), name('scores')];
  return (await log.offsetsOf(topics)).flatMap(({ topic, offsets }) =>
    offsets.map(({ stableEnd }, partition) => ({ topic, partition, next: stableEnd })),
  );
};

interface Asked {
  readonly io: Io;
  readonly config: Config;
  readonly stream: StreamConfig;
  readonly options: TrainOptions;
}

const requestOf = async (
  opened: OpenedLog,
  { io, config, stream, options }: Asked,
): Promise<RetrainingRequest> => {
  const end = await dataUntil(opened, { config, stream, signal: io.signal });
  const days = options.windowDays ?? stream.retraining.trainingWindowDays;
  const { name: model } = stream.model;
  return {
    id: contentHash([stream.name, model, 'manual', end, systemClock.now()]),
    model,
    stream: stream.name,
    reason: 'manual',
    evidence: canonicalJson({ actor: options.actor, windowDays: days }),
    trainingWindow: {
      start: end - days * DAY_MS,
      end,
      offsets: await positionsOf(opened, config, stream),
    },
  };
};

const waitFor = async (
  opened: OpenedLog,
  { io, config, options }: Asked,
  { id }: RetrainingRequest,
): Promise<void> => {
  const event = await answerTo(opened, { config, requestId: id }, io.signal);
  requireModel(event);
  if (options.json === true) await printJson(io.out, event);
  else await printAnswer(io.out, event);
};

/** Computing features takes its time to load: only an export pays for it. */
const exportInstead = async (opened: OpenedLog, asked: Asked, folder: string): Promise<void> => {
  const { io, config, stream, options } = asked;
  const { exportRows } = await import('./train/export-rows.ts');
  const request = await requestOf(opened, asked);
  const { strategy = 'direct', rows: rowsEnough = EXPORTED_ROWS } = options;
  const given = { config, stream, request, signal: io.signal };
  const done = await exportRows(opened, { folder, strategy, rowsEnough }, given);
  if (options.json === true) {
    await printJson(io.out, done);
    return;
  }
  const { start, end } = request.trainingWindow;
  const rows = `${done.rows} rows of ${done.columns} features`;
  const span = `${isoTime(start)} to ${isoTime(end)}`;
  await printLine(io.out, `${rows}, from ${done.origins} origins in ${span}, are in ${folder}`);
};

/** An option that nothing reads would be believed to count. */
const refuseUnread = ({ strategy, rows }: TrainOptions): void => {
  const unread = strategy === undefined ? rows && '--rows' : '--strategy';
  if (unread === undefined) return;
  throw new CliError('USAGE', `${unread} is for --export: name its folder, or leave ${unread} out`);
};

const train = (io: Io, options: TrainOptions): Promise<void> => {
  if (options.export === undefined) refuseUnread(options);
  const config = configOf(io, options);
  const asked = { io, config, stream: askedStream(config, options.stream), options };
  return withExistingLog(io, config, async (opened) => {
    if (options.export !== undefined) {
      await exportInstead(opened, asked, options.export);
      return;
    }
    if (options.wait === true) refuseLonelyWait(opened, config);
    const request = await requestOf(opened, asked);
    await appendRequest(opened, config, request);
    const { start, end } = request.trainingWindow;
    if (options.json === true) await printJson(io.out, request);
    else {
      const span = `${isoTime(start)} to ${isoTime(end)}`;
      await printLine(io.out, `training of ${request.model} on ${span} requested as ${request.id}`);
    }
    if (options.wait === true) await waitFor(opened, asked, request);
  });
};

/** `tidecast train`. */
export const trainCommand = (io: Io): Command =>
  withExamples(
    withJson(withConfig(new Command('train').description('ask for a new model of a stream')))
      .option('-s, --stream <name>', 'of this stream (default: the default stream)')
      .option(
        '-w, --window-days <n>',
        'history to learn from (default: as configured)',
        wholeNumber(1),
      )
      .option('--wait', "until it is promoted or rejected, and print the gate's numbers")
      .option('--actor <name>', 'who asks, for the record', 'command line')
      .addOption(
        new Option(
          '--export <folder>',
          'write the training rows to this folder as NumPy files instead of requesting a training',
        ).conflicts(['wait', 'actor']),
      )
      .addOption(
        new Option('--strategy <name>', 'of the rows that are exported (default: direct)').choices([
          'direct',
          'per-step',
        ]),
      )
      .option(
        '--rows <n>',
        `about so many origins of all series are exported (default: ${EXPORTED_ROWS})`,
        wholeNumber(1),
      )
      .action((options: TrainOptions) => train(io, options)),
    'tidecast train --wait',
    'tidecast train --stream departures --window-days 90 --json',
    'tidecast train --export rows --strategy per-step',
  );
