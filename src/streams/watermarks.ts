import { assert } from '../core/assert.ts';
import type { Headers, LogRecord, OutgoingRecord } from '../log/log.ts';
import type { SourceWatermark } from '../schemas/commit-record.ts';

const KEY_PREFIX = '\u0000watermark:';
const MEMBER = /^.+:\d+$/s;
const SOURCE_SET = /^\d+;./;
const EPOCH_MS = /^-?\d+$/;

/** One member of a source set and how far its event time is complete. */
export interface Watermark {
  readonly topic: string;
  readonly partition: number;
  /** Epoch ms; -Infinity: nothing said yet. */
  readonly watermark: number;
  readonly idle: boolean;
  /** The source set that the writer belongs to: `<epoch>;<topic>/<partition>,…`. */
  readonly sources: string;
}

/**
 * Names a source set: who must have spoken before anything closes. A changed set takes a higher
 * epoch.
 */
export const sourceSet = (
  epoch: number,
  members: readonly { readonly topic: string; readonly partition: number }[],
): string => `${epoch};${members.map(({ topic, partition }) => `${topic}/${partition}`).join(',')}`;

/** A watermark as it travels in band: null value, so that every reader can tell it from data. */
export const watermarkRecord = (
  to: { readonly topic: string; readonly partition: number },
  { topic, partition, watermark, idle, sources }: Watermark,
): OutgoingRecord => ({
  ...to,
  key: Buffer.from(`${KEY_PREFIX}${topic}:${partition}`),
  value: null,
  headers: { watermark: String(watermark), idle: String(idle), sources },
});

/** What anyone else writes under such a key is bad data, not a watermark. */
const isWhole = ({ watermark = '', idle, sources = '' }: Headers): boolean =>
  (EPOCH_MS.test(watermark) || watermark === '-Infinity') &&
  (idle === 'true' || idle === 'false') &&
  SOURCE_SET.test(sources);

const isNamed = (key: string): boolean =>
  key.startsWith(KEY_PREFIX) && MEMBER.test(key.slice(KEY_PREFIX.length));

export const isWatermark = ({ key, value, headers }: LogRecord): boolean =>
  value === null && key !== null && key[0] === 0 && isNamed(key.toString()) && isWhole(headers);

/** Parses a record for which `isWatermark` holds. */
export const parseWatermark = ({ key, headers }: LogRecord): Watermark => {
  const name = (key ?? Buffer.alloc(0)).toString().slice(KEY_PREFIX.length);
  const { watermark, idle, sources } = headers;
  assert(watermark !== undefined && sources !== undefined, 'not a watermark record');
  const colon = name.lastIndexOf(':');
  return {
    topic: name.slice(0, colon),
    partition: Number(name.slice(colon + 1)),
    watermark: Number(watermark),
    idle: idle === 'true',
    sources,
  };
};

const epochOf = (sources: string): number => Number(sources.slice(0, sources.indexOf(';')));

const membersOf = (sources: string): readonly string[] =>
  sources.slice(sources.indexOf(';') + 1).split(',');

/** A member as the vector has it. */
interface Member extends Watermark {
  /** Idle since before all were: it counts until it speaks again. */
  readonly asleep: boolean;
}

/**
 * How far event time is complete over the members of a source set: the least of those that are not
 * idle, or the greatest reached when all are. Nothing is complete before each has spoken, and the
 * least never falls. Once all have been idle, the first that wakes moves nothing until each of the
 * others has woken too or said again that it has nothing: a source that is filled once more would
 * else be closed by whichever partition is read first.
 */
export class WatermarkVector {
  private entries = new Map<string, Member>();
  private sources = '';
  private reached = -Infinity;
  /** What the last commit left, kept from the first change of a batch on. */
  private before: (() => void) | undefined;

  /** -Infinity until every member of the set has spoken. */
  get least(): number {
    return this.reached;
  }

  get(topic: string, partition: number): Watermark | undefined {
    return this.entries.get(`${topic}/${partition}`);
  }

  /** Takes what a writer says; a watermark that goes back is kept where it was. */
  observe(said: Watermark): void {
    this.keepBefore();
    const name = `${said.topic}/${said.partition}`;
    const before = this.entries.get(name)?.watermark ?? -Infinity;
    const watermark = Math.max(before, said.watermark);
    this.entries.set(name, { ...said, watermark, asleep: false });
    this.adopt(said.sources);
    if (this.areAllIdle()) this.fallAsleep();
    this.reached = Math.max(this.reached, this.computeLeast());
  }

  toRecord(): SourceWatermark[] {
    return [...this.entries.values()].map(({ watermark, ...rest }) => ({
      ...rest,
      watermark: watermark === -Infinity ? null : watermark,
      reached: this.reached === -Infinity ? null : this.reached,
    }));
  }

  /** Forgets everything and takes what a commit record says instead. */
  restore(saved: readonly SourceWatermark[]): void {
    this.entries = new Map();
    this.sources = '';
    this.reached = -Infinity;
    for (const { reached, watermark, ...rest } of saved) {
      this.entries.set(`${rest.topic}/${rest.partition}`, {
        ...rest,
        watermark: watermark ?? -Infinity,
      });
      this.adopt(rest.sources);
      this.reached = reached ?? -Infinity;
    }
  }

  committed(): void {
    this.before = undefined;
  }

  rollback(): void {
    this.before?.();
    this.before = undefined;
  }

  private keepBefore(): void {
    if (this.before !== undefined) return;
    const { sources, reached } = this;
    const entries = new Map(this.entries);
    this.before = () => {
      this.entries = entries;
      this.sources = sources;
      this.reached = reached;
    };
  }

  /** Members leave a set only by a new set: the one with the greatest epoch counts. */
  private adopt(sources: string): void {
    if (this.sources === '' || epochOf(sources) > epochOf(this.sources)) this.sources = sources;
  }

  private computeLeast(): number {
    let least = Infinity;
    let greatest = -Infinity;
    for (const member of membersOf(this.sources)) {
      const entry = this.entries.get(member);
      if (entry === undefined) return -Infinity;
      greatest = Math.max(greatest, entry.watermark);
      if (!entry.idle || entry.asleep) least = Math.min(least, entry.watermark);
    }
    return least === Infinity || this.areAllIdle() ? greatest : least;
  }

  private areAllIdle(): boolean {
    return membersOf(this.sources).every((member) => this.entries.get(member)?.idle === true);
  }

  private fallAsleep(): void {
    for (const [name, entry] of this.entries) this.entries.set(name, { ...entry, asleep: true });
  }
}
