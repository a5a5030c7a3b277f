import { Command } from 'commander';
import { systemClock } from '../core/clock.ts';
import type { Limits } from '../config/config.ts';
import { fileFormat } from '../ingestion/files/rows.ts';
import { LogError } from '../log/errors.ts';
import { RECORD_BYTES_MAX } from '../log/record-size.ts';
import { appendFile, type Appended, type AppendOptions } from './append-file.ts';
import {
  configOf,
  positiveNumber,
  topicName,
  wholeNumber,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import type { TopologiesOf } from './describe.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { refuseOwnTopic } from './own-topics.ts';
import { printJson, printLine } from './print.ts';
import { progress } from './progress.ts';
import { createdAs } from './run/sources.ts';
import { withLog } from './with-log.ts';

interface ProduceOptions extends ConfigOptions {
  readonly topic: string;
  readonly key?: string;
  readonly partition?: number;
  readonly rate?: number;
  readonly json?: boolean;
}

/** The rows of a file that are too large; their neighbours are appended. */
const refusalOf = (
  file: string,
  { recordBytesMax }: Limits,
  { records, refused, refusals }: Appended,
): LogError => {
  const what = fileFormat(file) === 'json-lines' ? 'line' : 'row';
  const named = refusals.map(({ row, bytes }) => `${what} ${row} has ${bytes} bytes`);
  if (refused > refusals.length) named.push(`and ${refused - refusals.length} more`);
  const orRaise = recordBytesMax < RECORD_BYTES_MAX ? ', or raise limits.recordBytesMax' : '';
  return new LogError(
    'LOG_RECORD_TOO_LARGE',
    `${file}: left out ${refused} of ${records + refused} rows: ${named.join(', ')}; ` +
      `the limit is ${recordBytesMax} for key and value; shorten them at the source${orRaise}`,
  );
};

/** Appends, and when that fails says from where on it must be done again. */
const appendTold = async (io: Io, options: AppendOptions): Promise<Appended> => {
  const { file, topic } = options;
  const shown = progress(io, { label: 'records', total: undefined });
  let done = 0;
  const onProgress = (records: number): void => {
    done = records;
    shown.update(records);
  };
  try {
    return await appendFile({ ...options, onProgress });
  } catch (error) {
    // An interruption says it itself.
    const isTold = error instanceof CliError && error.code === 'INTERRUPTED';
    if (done > 0 && !isTold) {
      await printLine(io.err, `the first ${done} records of ${file} are in ${topic}, then:`);
    }
    throw error;
  }
};

const produce = async (
  io: Io,
  topologiesOf: TopologiesOf,
  { file, ...options }: ProduceOptions & { readonly file: string },
): Promise<void> => {
  const config = configOf(io, options);
  const { topic, key, partition, rate } = options;
  await refuseOwnTopic(topic, config, topologiesOf);
  await withLog(io, config, async ({ log }) => {
    const appended = await appendTold(io, {
      ...{ log, file, topic, key, partition, rate },
      recordBytesMax: config.limits.recordBytesMax,
      create: createdAs(topic, config),
      transactionalId: `${config.application}.produce.${process.pid}-${systemClock.now()}`,
      signal: io.signal,
    });
    if (options.json === true) await printJson(io.out, appended);
    else await printLine(io.out, `${appended.records} records appended to ${topic}`);
    const { withoutKey } = appended;
    if (withoutKey > 0) {
      const why = `have no ${String(key)} and went without a key: check --key`;
      await printLine(io.err, `${withoutKey} of ${appended.records} records ${why}`);
    }
    if (appended.refused > 0) throw refusalOf(file, config.limits, appended);
  });
};

/** `tidecast produce FILE --topic T`. */
export const produceCommand = (io: Io, topologiesOf: TopologiesOf): Command => {
  const command = new Command('produce')
    .description('append the rows of a file to a topic as raw events')
    .argument('<file>', 'CSV, JSON lines (.jsonl, .ndjson) or Parquet')
    .requiredOption('-t, --topic <topic>', 'where the events go', topicName)
    .option('-k, --key <field>', 'path of the field that becomes the key (default: no key)')
    .option(
      '-p, --partition <n>',
      'send all to this partition (default: by key, or in turn)',
      wholeNumber(0),
    )
    .option(
      '-r, --rate <n>',
      'records a second at most (default: as fast as it goes)',
      positiveNumber,
    )
    .action((file: string, options: ProduceOptions) =>
      produce(io, topologiesOf, { file, ...options }),
    );
  return withExamples(
    withJson(withConfig(command)),
    'tidecast produce sales.csv --topic sales --key store',
    'tidecast produce events.jsonl --topic flights --rate 500',
  );
};
