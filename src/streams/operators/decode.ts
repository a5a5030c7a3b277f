import { concatMap, from, type OperatorFunction } from 'rxjs';
import type { LogRecord } from '../../log/log.ts';
import type { Serde } from '../../schemas/serde.ts';
import { recordsOf, withContent, type Batch, type PolledSources } from '../batch.ts';
import type { DeadLetterSink } from '../dead-letter-sink.ts';
import { isWatermark, parseWatermark, type Watermark } from '../watermarks.ts';

/** One record after decoding. */
export type Item<T> =
  | { readonly type: 'value'; readonly record: LogRecord; readonly value: T }
  | { readonly type: 'watermark'; readonly record: LogRecord; readonly watermark: Watermark };

export interface DecodeOptions<T> {
  readonly topic: string;
  readonly serde: Serde<T>;
  readonly deadLetters: DeadLetterSink;
}

/**
 * Decodes the records of one topic in offset order, each when the one before has been visited, so
 * that a value may be decoded over it; what cannot be read is put aside with its bytes.
 */
export const visitItems = async <T>(
  batch: Batch<PolledSources>,
  { topic, serde, deadLetters }: DecodeOptions<T>,
  visit: (item: Item<T>) => void,
): Promise<void> => {
  const records = recordsOf(batch.content, topic);
  await serde.learn(records.map(({ value }) => value));
  for (const record of records) {
    if (record.value === null && isWatermark(record)) {
      visit({ type: 'watermark', record, watermark: parseWatermark(record) });
      continue;
    }
    const decoded = serde.decode(record.value);
    if (decoded.ok) visit({ type: 'value', record, value: decoded.value });
    else deadLetters(batch.outbox, record, decoded);
  }
};

/** All of them at once. */
export const decodeItems = async <T>(
  batch: Batch<PolledSources>,
  options: DecodeOptions<T>,
): Promise<readonly Item<T>[]> => {
  const items: Item<T>[] = [];
  await visitItems(batch, options, (item) => {
    items.push(item);
  });
  return items;
};

/** The values among them. */
export const decodeValues = async <T>(
  batch: Batch<PolledSources>,
  options: DecodeOptions<T>,
): Promise<readonly T[]> => {
  const values: T[] = [];
  await visitItems(batch, options, (item) => {
    if (item.type === 'value') values.push(item.value);
  });
  return values;
};

/** The items of a topology's only source. */
export const decode = <T>(
  options: DecodeOptions<T>,
): OperatorFunction<Batch<PolledSources>, Batch<readonly Item<T>[]>> =>
  concatMap((batch) =>
    from(decodeItems(batch, options).then((items) => withContent(batch, items))),
  );
