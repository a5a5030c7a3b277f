import type { OpenedLog } from '../../src/cli/opened-log.ts';
import type { LogRecord } from '../../src/log/log.ts';
import { openSerde } from '../../src/schemas/open-serde.ts';
import type { CommitRecord } from '../../src/schemas/commit-record.ts';
import { commitRecordType, deadLetterType, stateBlockType } from '../../src/schemas/value-types.ts';
import { CLAIM_KEY, COMMIT_KEY } from '../../src/streams/changelog.ts';
import {
  contentsOfLog,
  differenceOf,
  everyRecordOf,
  withoutWatermarks,
  type Contents,
} from '../support/topic-contents.ts';
import type { FlightsApplication } from './flights-application.ts';

/** What an application left on the log. */
export interface Left {
  /** What committed readers see. */
  readonly contents: Contents;
  /** The last block of each key of each changelog, by task. */
  readonly state: Contents;
}

const BRACE = '{'.charCodeAt(0);
const RESERVED: ReadonlySet<string> = new Set([CLAIM_KEY, COMMIT_KEY]);

/**
 * Without the prefix by which an application is told from others on the same brokers, and without
 * offsets: a broker that comes back may write the mark of a commit once more, which shifts them.
 */
const unprefixed = (contents: Contents, prefix: string): Contents => {
  const plain = (text: string): string =>
    text.replaceAll(prefix, '').replaceAll(/"offset":\d+/g, '"offset":null');
  return new Map(
    [...contents].map(([topic, byKey]) => [
      plain(topic),
      new Map([...byKey].map(([key, values]) => [plain(key), values.map(plain)])),
    ]),
  );
};

const recordsIn = async (
  { log }: OpenedLog,
  names: readonly string[],
): Promise<readonly LogRecord[]> => {
  const records: LogRecord[] = [];
  for (const { definition } of await log.topics()) {
    if (!names.includes(definition.name)) continue;
    for await (const record of everyRecordOf(log, definition)) records.push(record);
  }
  return records;
};

/** What names an offset, which markers and aborted batches shift from run to run. */
const SHIFTED = ['triggerOffset', 'triggeredAtMs'];
/** Time and value of an event that is still open; then its offset. */
const OPEN_EVENT = { store: 'open-events@', comparedBytes: 16 };

/** A block as two runs are compared by it. */
const projected = (name: string, data: Uint8Array): string => {
  const bytes = Buffer.from(data);
  if (name.startsWith(OPEN_EVENT.store)) {
    return bytes.toString('base64', 0, OPEN_EVENT.comparedBytes);
  }
  if (bytes[0] !== BRACE) return bytes.toString('base64');
  const plain: unknown = JSON.parse(bytes.toString());
  return JSON.stringify(plain, (key, value: unknown) => (SHIFTED.includes(key) ? null : value));
};

const blockIn = async ({ topic, key, value }: LogRecord, opened: OpenedLog): Promise<string> => {
  const block = (await openSerde(opened.registry, topic, stateBlockType)).decode(value);
  if (!block.ok) throw new Error(`a block of ${topic} cannot be read: ${block.detail}`);
  return projected(key?.toString() ?? '', block.value.data);
};

const stateIn = async (records: readonly LogRecord[], opened: OpenedLog): Promise<Contents> => {
  const lastOf = new Map<string, LogRecord>();
  for (const record of records) {
    const name = record.key?.toString() ?? '';
    if (!RESERVED.has(name)) lastOf.set(`${record.topic} ${record.partition}|${name}`, record);
  }
  const state = new Map<string, Map<string, string[]>>();
  for (const record of lastOf.values()) {
    const { topic, partition, key, value } = record;
    if (value === null) continue;
    const blocks = state.get(topic) ?? new Map<string, string[]>();
    state.set(topic, blocks);
    blocks.set(`${partition}|${key?.toString() ?? ''}`, [await blockIn(record, opened)]);
  }
  return state;
};

/** Where a raw event became an observation, or a letter: `topic:partition:offset` of each. */
const originsIn = async (
  application: FlightsApplication,
  opened: OpenedLog,
): Promise<readonly string[]> => {
  const observations = await recordsIn(opened, [application.topic('observations')]);
  const letters = `${application.source}.dead-letters`;
  const serde = await openSerde(opened.registry, letters, deadLetterType);
  const refused = (await recordsIn(opened, [letters])).map(({ value }) => {
    const letter = serde.decode(value);
    if (!letter.ok) throw new Error(`a letter cannot be read: ${letter.detail}`);
    const { topic, partition, offset } = letter.value.origin;
    return `${topic}:${partition}:${offset}`;
  });
  const sources = observations.map(({ headers }) => headers['source']);
  return [...sources.filter((source) => source !== undefined), ...refused];
};

/** Each event that was fed became something once: lost and doubled ones, in words. */
const lossesAndDoubles = async (
  application: FlightsApplication,
  opened: OpenedLog,
): Promise<string | undefined> => {
  const origins = await originsIn(application, opened);
  const distinct = new Set(origins);
  const fed = await recordsIn(opened, [application.source]);
  const missing = fed.filter(
    ({ topic, partition, offset }) => !distinct.has(`${topic}:${partition}:${offset}`),
  );
  const doubled = origins.length - distinct.size;
  if (missing.length === 0 && doubled === 0) return undefined;
  return `of ${fed.length} events ${missing.length} were lost and ${doubled} doubled`;
};

const gapBetween = (before: CommitRecord | undefined, now: CommitRecord): string | undefined => {
  const expected = (before?.seq ?? 0) + 1;
  if (now.seq !== expected) return `commit ${now.seq} stands where ${expected} should`;
  const nexts = new Map(now.positions.map((one) => [`${one.topic}/${one.partition}`, one.next]));
  const back = before?.positions.find(
    ({ topic, partition, next }) => (nexts.get(`${topic}/${partition}`) ?? -1) < next,
  );
  return back === undefined ? undefined : `commit ${now.seq} goes back before ${back.next}`;
};

/** The commits of each task follow each other, none left out, none twice, none going back. */
const brokenChain = async (
  records: readonly LogRecord[],
  opened: OpenedLog,
): Promise<string | undefined> => {
  const last = new Map<string, CommitRecord>();
  for (const { topic, partition, key, value } of records) {
    if (key?.toString() !== COMMIT_KEY) continue;
    const serde = await openSerde(opened.registry, `${topic}.commit`, commitRecordType);
    const commit = serde.decode(value);
    if (!commit.ok) throw new Error(`a commit of ${topic} cannot be read: ${commit.detail}`);
    const task = `${topic}/${partition}`;
    const gap = gapBetween(last.get(task), commit.value);
    if (gap !== undefined) return `${task}: ${gap}`;
    last.set(task, commit.value);
  }
  return undefined;
};

/**
 * A partition that is idle says so again whenever others wake before they are idle too, which
 * depends on who was read first: said twice it means the same.
 */
const saidOnce = (contents: Contents): Contents =>
  new Map(
    [...contents].map(([topic, byKey]) => [
      topic,
      topic.endsWith('.decisions')
        ? new Map([...byKey].map(([key, values]) => [key, withoutRepeats(values)]))
        : byKey,
    ]),
  );

const withoutRepeats = (values: readonly string[]): readonly string[] =>
  values.filter((value, index) => value !== values[index - 1]);

export const leftBy = async (application: FlightsApplication, opened: OpenedLog): Promise<Left> => {
  const { prefix, topics, changelogs } = application;
  const contents = saidOnce(withoutWatermarks(await contentsOfLog(opened, topics)));
  const state = await stateIn(await recordsIn(opened, changelogs), opened);
  return { contents: unprefixed(contents, prefix), state: unprefixed(state, prefix) };
};

/** What is wrong with what an application left, in words; undefined: nothing. */
export const verdictOn = async (
  application: FlightsApplication,
  opened: OpenedLog,
  calm: Left,
): Promise<string | undefined> => {
  const left = await leftBy(application, opened);
  const { topics, changelogs, prefix } = application;
  const written = new Set([...topics, ...changelogs].map((name) => name.replaceAll(prefix, '')));
  const expected = (all: Contents): Contents =>
    new Map([...all].filter(([topic]) => written.has(topic)));
  return (
    (await brokenChain(await recordsIn(opened, application.changelogs), opened)) ??
    (await lossesAndDoubles(application, opened)) ??
    differenceOf(expected(calm.contents), left.contents) ??
    differenceOf(expected(calm.state), left.state)
  );
};
