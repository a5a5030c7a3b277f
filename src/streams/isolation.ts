import { after } from '../log/offset.ts';
import { recordCount, type PolledSources, type SourceBatch } from './batch.ts';

/** The first `count` records of one input, and the rest of it. */
const split = (input: SourceBatch, count: number): readonly [SourceBatch, SourceBatch] => {
  const { records, next } = input;
  const head = records.slice(0, count);
  const last = head.at(-1);
  return [
    { ...input, records: head, next: last === undefined ? next : after(last.offset) },
    { ...input, records: records.slice(count) },
  ];
};

/**
 * The same records as two polls, in the same order: legal, since batching is invisible in the
 * results. Halving what fails until one record is left tells the one that cannot be processed from
 * its neighbours in few steps.
 */
export const halve = (polled: PolledSources): readonly [PolledSources, PolledSources] => {
  let left = Math.floor(recordCount(polled) / 2);
  const first: SourceBatch[] = [];
  const second: SourceBatch[] = [];
  for (const input of polled.inputs) {
    const { length } = input.records;
    if (length <= left) first.push(input);
    else if (left === 0) second.push(input);
    else {
      const [head, tail] = split(input, left);
      first.push(head);
      second.push(tail);
    }
    left = Math.max(0, left - length);
  }
  return [
    { inputs: first, atEnd: false },
    { inputs: second, atEnd: polled.atEnd },
  ];
};
