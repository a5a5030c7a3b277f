import type { Config } from '../../config/config.ts';
import type { StreamConfig } from '../../config/stream-config.ts';
import { parseFrequency } from '../../core/frequency.ts';
import type { Log, LogRecord } from '../../log/log.ts';
import type { Accuracy } from '../../schemas/accuracy.ts';
import { plainValues } from '../../schemas/plain-value.ts';
import { streamTopicName } from '../../schemas/topics.ts';
import { isReplayMarker } from '../../streams/replay-marker.ts';
import { isWatermark, parseWatermark, WatermarkVector } from '../../streams/watermarks.ts';
import { CliError } from '../errors.ts';
import type { OpenedLog } from '../opened-log.ts';
import { readTopic, type From } from '../read-topic.ts';

/** Far more than one day's records of a model, its roles, windows and groups. */
const LAST_ACCURACY = 1_000;

export interface AskedStream {
  readonly config: Config;
  readonly stream: StreamConfig;
  readonly signal: AbortSignal;
}

const exists = async (log: Log, topic: string): Promise<boolean> =>
  (await log.offsetsOf([topic])).length > 0;

async function* recordsOf(
  { log }: OpenedLog,
  topic: string,
  { from, partition, signal }: { from: From; partition?: number; signal: AbortSignal },
): AsyncGenerator<LogRecord> {
  if (!(await exists(log, topic))) return;
  yield* readTopic(log, { topic, from, partition, follow: false, signal });
}

/** Where the windows of accuracy end: event time that is complete and scored. */
const byAccuracy = async (opened: OpenedLog, asked: AskedStream): Promise<number> => {
  const { config, stream, signal } = asked;
  const topic = streamTopicName(config.kafka.topicPrefix, stream.name, 'accuracy');
  const plain = plainValues(opened.registry);
  const from = { kind: 'last', count: LAST_ACCURACY } as const;
  let end = -Infinity;
  for await (const { value } of recordsOf(opened, topic, { from, signal })) {
    const { type, value: fields } = await plain(value);
    // The topic's schema is that of accuracy.
    if (type === 'Accuracy') end = Math.max(end, (fields as Accuracy).window.end);
  }
  return end;
};

/**
 * How far the watermarks of all raw partitions reach, which every partition of observations hears.
 */
const byWatermarks = async (opened: OpenedLog, asked: AskedStream): Promise<number> => {
  const { config, stream, signal } = asked;
  const topic = streamTopicName(config.kafka.topicPrefix, stream.name, 'observations');
  let watermarks = new WatermarkVector();
  const from = { kind: 'start' } as const;
  for await (const record of recordsOf(opened, topic, { from, partition: 0, signal })) {
    if (isReplayMarker(record)) watermarks = new WatermarkVector();
    else if (isWatermark(record)) watermarks.observe(parseWatermark(record));
  }
  return watermarks.least;
};

/**
 * Of a keyed source, which has no watermarks: what the readers of its scores are told. A partition
 * that has told nothing has no series to wait for.
 */
const byScores = async (opened: OpenedLog, asked: AskedStream): Promise<number> => {
  const { config, stream, signal } = asked;
  const topic = streamTopicName(config.kafka.topicPrefix, stream.name, 'scores');
  const told = new Map<number, number>();
  const from = { kind: 'start' } as const;
  for await (const record of recordsOf(opened, topic, { from, signal })) {
    if (isReplayMarker(record)) told.delete(record.partition);
    else if (isWatermark(record)) told.set(record.partition, parseWatermark(record).watermark);
  }
  return Math.min(...told.values());
};

/** Epoch ms: the end of the last period of a stream that is closed everywhere. */
export const dataUntil = async (opened: OpenedLog, asked: AskedStream): Promise<number> => {
  const { frequency, timeZone, name, source } = asked.stream;
  const scored = await byAccuracy(opened, asked);
  const otherwise = source.keyed ? byScores : byWatermarks;
  const reached = Number.isFinite(scored) ? scored : await otherwise(opened, asked);
  if (!Number.isFinite(reached)) {
    throw new CliError(
      'NOT_FOUND',
      `no period of ${name} is closed yet, so there is nothing to learn from: ` +
        'run `tidecast run` until it has read its source',
    );
  }
  const periods = parseFrequency(frequency, typeof timeZone === 'string' ? timeZone : 'UTC');
  return periods.startOf(periods.periodOf(reached));
};
