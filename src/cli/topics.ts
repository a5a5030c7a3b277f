import { Command } from 'commander';
import { finiteOrNull } from '../core/finite-or-null.ts';
import type { LogRecord, TopicState } from '../log/log.ts';
import { plainValues, type PlainValue } from '../schemas/plain-value.ts';
import {
  configOf,
  wholeNumber,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { isWatermark, parseWatermark } from '../streams/watermarks.ts';
import type { Io } from './io.ts';
import { isoTime, printJson, printLine, printTable } from './print.ts';
import { parseFrom, readTopic, type ReadOptions as ReadTopicOptions } from './read-topic.ts';
import type { NeededTopicsOf } from './run/needed-topics.ts';
import { checkCommand } from './topics/check.ts';
import { createCommand } from './topics/create.ts';
import { withExistingLog } from './with-log.ts';

interface ListOptions extends ConfigOptions {
  readonly json?: boolean;
}

interface ReadOptions extends ListOptions {
  readonly from: string;
  readonly partition?: number;
  readonly limit?: number;
  readonly follow?: boolean;
  readonly watermarks?: boolean;
}

const recordsIn = ({ offsets }: TopicState): number =>
  offsets.reduce((sum, { start, stableEnd }) => sum + (stableEnd - start), 0);

const list = (io: Io, options: ListOptions): Promise<void> =>
  withExistingLog(io, configOf(io, options), async ({ log }) => {
    const states = [...(await log.topics())].sort((a, b) =>
      a.definition.name < b.definition.name ? -1 : 1,
    );
    if (options.json === true) {
      for (const { definition, offsets } of states) {
        await printJson(io.out, { ...definition, offsets });
      }
      return;
    }
    const rows = states.map((state) => {
      const { name, partitions, cleanup } = state.definition;
      return [name, partitions, cleanup, recordsIn(state)];
    });
    await printTable(io.out, ['TOPIC', 'PARTITIONS', 'CLEANUP', 'OFFSETS'], rows);
  });

/** A record as one JSON object: topic, partition, offset, timestamp, key, headers, type, value. */
const recordJson = (record: LogRecord, { type, value }: PlainValue): object => ({
  topic: record.topic,
  partition: record.partition,
  offset: record.offset,
  timestamp: record.appendedAtMs,
  key: record.key === null ? null : record.key.toString(),
  headers: record.headers,
  type,
  value,
});

/** A watermark as a value of its own kind: its key and headers hold what it says. */
const plainWatermark = (record: LogRecord): PlainValue => {
  const { watermark, ...said } = parseWatermark(record);
  // JSON has no -Infinity: nothing said yet.
  return {
    type: 'watermark',
    value: { ...said, watermark: finiteOrNull(watermark) },
  };
};

/** NUL begins the keys of watermarks, and would be invisible. */
const visible = (key: Buffer | null): string =>
  key === null ? '-' : JSON.stringify(key.toString()).slice(1, -1);

const recordLine = (record: LogRecord, { type, value }: PlainValue): string => {
  const { partition, offset, appendedAtMs, key, headers } = record;
  const shown = type === 'none' ? JSON.stringify(headers) : JSON.stringify(value);
  return `${partition}@${offset}  ${isoTime(appendedAtMs)}  ${visible(key)}  ${type}  ${shown}`;
};

/** What the options choose of a topic's records. */
const chosen = (io: Io, topic: string, options: ReadOptions): ReadTopicOptions => {
  const { partition, follow = false, watermarks = false } = options;
  return {
    ...{ topic, partition, follow },
    from: parseFrom(options.from),
    wants: watermarks ? undefined : (record) => !isWatermark(record),
    signal: io.signal,
  };
};

const read = (io: Io, topic: string, options: ReadOptions): Promise<void> =>
  withExistingLog(io, configOf(io, options), async ({ log, registry, share }) => {
    const { limit = Infinity, json } = options;
    const wanted = chosen(io, topic, options);
    if (wanted.follow) await share();
    const plain = plainValues(registry);
    let count = 0;
    for await (const record of readTopic(log, wanted)) {
      if (count >= limit) return;
      const value = isWatermark(record) ? plainWatermark(record) : await plain(record.value);
      if (json === true) await printJson(io.out, recordJson(record, value));
      else await printLine(io.out, recordLine(record, value));
      count += 1;
      if (count >= limit) return;
    }
  });

const listCommand = (io: Io): Command =>
  withExamples(
    withJson(withConfig(new Command('list').description('list all topics and their sizes'))).action(
      (options: ListOptions) => list(io, options),
    ),
    'tidecast topics list',
  );

const readCommand = (io: Io): Command => {
  const command = new Command('read')
    .description('print the committed records of a topic in the order of their append time')
    .argument('<topic>', 'a topic, such as departures.forecasts')
    .option(
      '-f, --from <where>',
      'in each partition: start, end, an offset, -N for its last N records, or the time ' +
        'when records were appended (UTC)',
      'start',
    )
    .option('-p, --partition <n>', 'only this partition', wholeNumber(0))
    .option('-n, --limit <n>', 'stop after this many records', wholeNumber(0))
    .option('--follow', 'go on with what is appended later')
    .option('--watermarks', 'show watermarks too: how far event time is complete, not data')
    .action((topic: string, options: ReadOptions) => read(io, topic, options));
  return withExamples(
    withJson(withConfig(command)),
    'tidecast topics read departures.forecasts --from -1 --partition 0',
    'tidecast topics read departures.scores --json --follow',
  );
};

/** `tidecast topics list | read | create | check`. */
export const topicsCommand = (io: Io, neededOf: NeededTopicsOf): Command =>
  withExamples(
    new Command('topics')
      .description('look into the log, and make its topics what a run needs')
      .addCommand(listCommand(io))
      .addCommand(readCommand(io))
      .addCommand(createCommand(io, neededOf))
      .addCommand(checkCommand(io, neededOf)),
    'tidecast topics list',
    'tidecast topics create',
    'tidecast topics read departures.scores --json --follow',
  );
