import type { Log, LogRecord } from '../../src/log/log.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import { commitRecordType, deadLetterType } from '../../src/schemas/value-types.ts';
import { REPLAY_KEY } from '../../src/streams/changelog.ts';
import type { StoreFolder } from '../../src/state/store.ts';
import { CHANGELOG, type TallyProcess } from './tally-run.ts';
import { EVENTS, STREAM, tallyTopics } from './tally-topology.ts';

export interface Outcome {
  /** Values by topic, partition and key, in order. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  /** Blocks of the changelog by partition and key. */
  readonly state: Readonly<Record<string, string>>;
  /** Positions and watermarks of each task's last commit. */
  readonly progress: readonly string[];
  readonly outputCount: number;
  readonly deadLetterCount: number;
}

const recordsOf = async (log: Log, topic: string, partitions: number): Promise<LogRecord[]> => {
  const all: LogRecord[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    const { start, stableEnd } = await log.offsets(topic, partition);
    const reader = log.reader(topic, partition, start);
    for (let next: number = start; next < stableEnd;) {
      const polled = await reader.poll({ maxRecords: 10_000, maxBytes: 1 << 30 });
      all.push(...polled.records);
      next = polled.next;
    }
    reader.close();
  }
  return all;
};

const keyOf = ({ key }: LogRecord): string => key?.toString() ?? '';

const putAll = (
  into: Record<string, string[]>,
  records: readonly LogRecord[],
  text: (record: LogRecord) => string,
): void => {
  for (const record of records) {
    const name = `${record.topic}/${record.partition}/${keyOf(record)}`;
    (into[name] ??= []).push(text(record));
  }
};

/** All that a reader of committed records can know of the tally. */
export const outcomeOf = async (
  log: Log,
  { partitions, registry }: Pick<TallyProcess, 'partitions' | 'registry'>,
): Promise<Outcome> => {
  const { tallies, totals } = tallyTopics(partitions);
  const outputs: Record<string, string[]> = {};
  const state = new Map<string, string>();
  const progress = new Map<number, string>();
  const written = [
    ...(await recordsOf(log, tallies.name, partitions)),
    ...(await recordsOf(log, totals.name, partitions)),
  ];
  putAll(outputs, written, ({ value }) => value?.toString() ?? 'null');
  const lettersName = `${EVENTS}.dead-letters`;
  const letters = await recordsOf(log, lettersName, partitions);
  const letterSerde = await openSerde(registry, lettersName, deadLetterType);
  putAll(outputs, letters, ({ value }) => {
    const letter = letterSerde.decode(value);
    // The stack tells of batches, and so differs.
    return JSON.stringify(letter.ok ? { ...letter.value, detail: '' } : letter);
  });
  const commits = await openSerde(registry, `${CHANGELOG}.commit`, commitRecordType);
  for (const record of await recordsOf(log, CHANGELOG, partitions)) {
    const { partition, value } = record;
    const name = `${partition}/${keyOf(record)}`;
    if (keyOf(record) === 'commit') {
      const { ...decoded } = commits.decode(value);
      progress.set(partition, JSON.stringify(decoded.ok ? { ...decoded.value, seq: 0 } : decoded));
    } else if (value === null) state.delete(name);
    else if (keyOf(record) !== 'claim' && keyOf(record) !== REPLAY_KEY) {
      state.set(name, value.toString('hex'));
    }
  }
  return {
    outputs,
    state: Object.fromEntries(state),
    progress: [...progress].sort(([one], [other]) => one - other).map(([, text]) => text),
    outputCount: written.length,
    deadLetterCount: letters.length,
  };
};

/** Everything in the stores of all tasks of the tally, as text. */
export const storedTally = async (stores: StoreFolder, partitions: number): Promise<string[]> => {
  const lines: string[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    const store = await stores.open(['test', STREAM, 'tally', String(partition)]);
    for await (const [key, value] of store.entries()) {
      lines.push(`${partition}/${key}=${value.toString('hex')}`);
    }
    await store.close();
  }
  return lines.sort();
};
