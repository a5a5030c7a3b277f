import { after } from '../log/offset.ts';
import type { Polled, SourceBatch } from './batch.ts';

/** How many records a poll brought. */
export const recordCount = ({ inputs }: Polled): number =>
  inputs.reduce((sum, { records }) => sum + records.length, 0);

const singles = (input: SourceBatch): SourceBatch[] => {
  const { topic, partition, records, next } = input;
  if (records.length === 0) return [input];
  return records.map((record, index) => ({
    topic,
    partition,
    records: [record],
    next: index === records.length - 1 ? next : after(record.offset),
  }));
};

/**
 * The same records as polls of one: legal, since batching is invisible in the results, and so the one record that
 * cannot be processed is told from its neighbours.
 */
export const isolate = ({ inputs, atEnd }: Polled): Polled[] =>
  inputs.flatMap(singles).map((input) => ({ inputs: [input], atEnd }));
