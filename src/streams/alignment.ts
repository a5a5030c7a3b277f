import { firstValueFrom, fromEvent, race, timer } from 'rxjs';
import { TidecastError } from '../core/errors.ts';
import type { Log, LogReader, LogRecord } from '../log/log.ts';
import { isReplayMarker } from './replay-marker.ts';
import { isWatermark, parseWatermark, type Watermark } from './watermarks.ts';

const TAIL_LIMITS = { maxRecords: 10_000, maxBytes: 1 << 20 };

const BACKOFF_MS = 1_000;

export interface AlignmentOptions {
  readonly log: Log;
  /** Observations: partition 0 hears every watermark. */
  readonly topic: string;
  /** How far ahead of the least a partition may run, ms of event time. */
  readonly boundMs: number;
  /** Told once of each partition that others wait for. */
  readonly onHold?: (slowest: Watermark) => void;
}

/** Retention took what was to be read next, or the topic was made anew. */
const isOvertaken = (error: unknown): boolean =>
  error instanceof TidecastError && error.code === 'LOG_OFFSET_OUT_OF_RANGE';

const nameOf = ({ topic, partition }: Watermark): string => `${topic}/${partition}`;

/**
 * Holds fast partitions back, so that slow ones do not make the open periods between them pile up.
 * What it knows is a hint learnt from the log's tail: never state, and never a reason for a result.
 * @see https://nightlies.apache.org/flink/flink-docs-stable/docs/dev/datastream/event-time/generating_watermarks/#watermark-alignment
 */
export class Alignment {
  private readonly options: AlignmentOptions;
  private readonly heard = new Map<string, Watermark>();
  /** Partitions that were told of. */
  private readonly told = new Set<string>();
  private reader: LogReader | undefined;
  private stopped = false;
  private woken = 0;
  private isWaiting = false;

  constructor(options: AlignmentOptions) {
    this.options = options;
  }

  /** true: whoever stands at this watermark should wait for the others. */
  isAhead(watermarkMs: number): boolean {
    let slowest: Watermark | undefined;
    for (const one of this.heard.values()) {
      if (slowest === undefined || one.watermark < slowest.watermark) slowest = one;
    }
    if (slowest === undefined) return false;
    const isAhead = watermarkMs - slowest.watermark > this.options.boundMs;
    if (isAhead) this.hold(slowest);
    return isAhead;
  }

  /** Whether someone was told to wait since any partition was heard of. */
  get holdsBack(): boolean {
    return this.isWaiting;
  }

  /** How often a partition has been heard of while none was awake. */
  get awakenings(): number {
    return this.woken;
  }

  /** Follows the tail until it is closed; rejects with what another try cannot mend. */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      while (this.goesOn(signal)) await this.tryToListen(signal);
    } finally {
      this.reader?.close();
    }
  }

  close(): void {
    this.stopped = true;
    this.reader?.close();
  }

  private goesOn(signal: AbortSignal): boolean {
    return !signal.aborted && !this.stopped;
  }

  private async tryToListen(signal: AbortSignal): Promise<void> {
    try {
      await this.listen(signal);
    } catch (error) {
      if (isOvertaken(error)) this.beginAgain();
      else if (!(error instanceof TidecastError) || !error.retriable) throw error;
      // Meanwhile nobody hears of how far the others are: a hint may be late.
      await firstValueFrom(race(timer(BACKOFF_MS), fromEvent(signal, 'abort')));
    }
  }

  /** From the end that the tail has first, and after a failure from where it was. */
  private async listen(signal: AbortSignal): Promise<void> {
    const reader = (this.reader ??= await this.openReader());
    while (this.goesOn(signal)) {
      const { records } = await reader.poll(TAIL_LIMITS);
      for (const record of records) this.hear(record);
      if (records.length === 0) await reader.more(signal);
    }
  }

  /** What is said meanwhile is not heard, so nothing that was heard may hold anyone back. */
  private beginAgain(): void {
    this.reader?.close();
    this.reader = undefined;
    this.heard.clear();
    this.isWaiting = false;
  }

  private async openReader(): Promise<LogReader> {
    const { log, topic } = this.options;
    const { stableEnd } = await log.offsets(topic, 0);
    return log.reader(topic, 0, stableEnd);
  }

  private hear(record: LogRecord): void {
    if (!isWatermark(record) || isReplayMarker(record)) return;
    const said = parseWatermark(record);
    this.isWaiting = false;
    // An idle one holds nobody back.
    if (said.idle) this.heard.delete(nameOf(said));
    else {
      if (this.heard.size === 0) this.woken += 1;
      this.heard.set(nameOf(said), said);
    }
  }

  private hold(slowest: Watermark): void {
    this.isWaiting = true;
    const name = nameOf(slowest);
    if (this.told.has(name)) return;
    this.told.add(name);
    this.options.onHold?.(slowest);
  }
}
