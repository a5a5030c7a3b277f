import { concatMap, from } from 'rxjs';
import type { Frequency } from '../../core/frequency.ts';
import type { LogRecord } from '../../log/log.ts';
import type { Decision } from '../../schemas/decision.ts';
import type { MappedEvent } from '../../schemas/mapped-event.ts';
import type { Observation } from '../../schemas/observation.ts';
import type { Serde } from '../../schemas/serde.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import {
  recordsOf,
  withContent,
  type Batch,
  type Outbox,
  type PolledSources,
  type SourceBatch,
} from '../batch.ts';
import { publisher, type Publisher } from '../operators/publish.ts';
import type { TaskScope, Topology } from '../topology.ts';
import { watermarkRecord, type Watermark } from '../watermarks.ts';
import { Idleness, type IdlePolicy } from './ingest/idleness.ts';
import { advance, isLate, type Progress } from './ingest/progress.ts';

export interface IngestOptions {
  readonly stream: string;
  readonly raw: { readonly name: string; readonly partitions: number };
  readonly observations: TopicDefinition;
  readonly decisions: TopicDefinition;
  readonly serdes: {
    readonly observation: Serde<Observation>;
    readonly decision: Serde<Decision>;
  };
  readonly map: (record: LogRecord) => MappedEvent;
  /** Fetches what `map` needs to know of these values: the schemas that they name. */
  readonly learn?: (values: Iterable<Buffer | null>) => Promise<void>;
  readonly periods: Frequency;
  readonly graceMs: number;
  readonly idle: IdlePolicy;
  /** The source set that this topology's partitions belong to. */
  readonly sources: string;
  /** How often some partition has been heard of after none was awake, since this process began. */
  readonly awakenings: () => number;
  /** true: this partition runs too far ahead of the others, and waits. */
  readonly isAhead: (watermarkMs: number) => boolean;
}

/** One raw partition being mapped. */
class IngestTask {
  private readonly options: IngestOptions;
  private readonly scope: TaskScope;
  private readonly observations: Publisher<Observation>;
  private readonly decisions: Publisher<Decision>;
  private readonly idleness: Idleness;
  /** The last awakening of others that this partition has answered. */
  private answered = 0;
  /** The first raw offset that was not read yet, as far as this life of the task knows. */
  private next = 0;

  constructor(options: IngestOptions, scope: TaskScope) {
    const { observations, decisions, serdes, idle } = options;
    this.options = options;
    this.scope = scope;
    this.observations = publisher({
      topic: observations.name,
      partitions: observations.partitions,
      serde: serdes.observation,
    });
    this.decisions = publisher({
      topic: decisions.name,
      partitions: decisions.partitions,
      serde: serdes.decision,
    });
    this.idleness = new Idleness(idle);
  }

  get isPaused(): boolean {
    return this.isEnding || this.options.isAhead(this.progress().watermark);
  }

  async process(batch: Batch<PolledSources>): Promise<Batch<undefined>> {
    const records = recordsOf(batch.content, this.options.raw.name);
    await this.options.learn?.(records.map(({ value }) => value));
    const progress = this.progress();
    this.next = this.inputOf(batch.content)?.next ?? this.next;
    const events = this.mapRecords(batch.outbox, records, progress);
    if (records.length > 0) this.scope.watermarks.observe(this.watermark(progress));
    const isOver = this.idleness.isOver(batch.content, events, batch.nowMs);
    // What is no event says nothing of time, however much of it there is.
    const isSilent = events === 0 && (isOver || this.isEnding);
    if (isSilent && (!progress.idle || this.isAwaited)) {
      this.setIdle(batch.outbox, progress, { idle: true, offset: this.next });
    }
    return withContent(batch, undefined);
  }

  private get isEnding(): boolean {
    return this.options.idle.isEnding(this.scope.partition, this.next);
  }

  /** Others woke after all had been idle: they wait for each to say whether it has anything. */
  private get isAwaited(): boolean {
    return this.options.awakenings() > this.answered;
  }

  private inputOf({ inputs }: PolledSources): SourceBatch | undefined {
    return inputs.find(({ topic }) => topic === this.options.raw.name);
  }

  private progress(): Progress {
    const saved = this.scope.watermarks.get(this.options.raw.name, this.scope.partition);
    return { watermark: saved?.watermark ?? -Infinity, idle: saved?.idle ?? false };
  }

  private watermark({ watermark, idle }: Progress): Watermark {
    const { raw, sources } = this.options;
    return { topic: raw.name, partition: this.scope.partition, watermark, idle, sources };
  }

  /** Returns how many of them were events. */
  private mapRecords(outbox: Outbox, records: readonly LogRecord[], progress: Progress): number {
    let events = 0;
    for (const record of records) if (this.mapRecord(outbox, record, progress)) events += 1;
    return events;
  }

  /** false: the record is no event, and says nothing of time. */
  private mapRecord(outbox: Outbox, record: LogRecord, progress: Progress): boolean {
    const mapped = this.options.map(record);
    if (!mapped.ok) {
      this.scope.deadLetters(outbox, record, mapped);
      return false;
    }
    if (progress.idle) this.setIdle(outbox, progress, { idle: false, offset: record.offset });
    const { seriesId, eventTimeMs, value, attributes, id } = mapped;
    const { periods, graceMs } = this.options;
    const headers = {
      source: `${record.topic}:${record.partition}:${record.offset}`,
      ...(isLate(progress, eventTimeMs, periods) ? { late: String(progress.watermark) } : {}),
      // A repetition is known where its series is: it may have come by another raw partition.
      ...(id === undefined ? {} : { id }),
    };
    const observation = { seriesId, eventTime: eventTimeMs, value, attributes };
    this.observations.keyed(outbox, { key: seriesId, value: observation, headers });
    if (advance(progress, eventTimeMs, { graceMs, periods })) this.tell(outbox, progress);
    return true;
  }

  /**
   * Every partition of observations hears it, since any of them may hold this partition's events.
   */
  private tell(outbox: Outbox, progress: Progress): void {
    const { observations } = this.options;
    for (let partition = 0; partition < observations.partitions; partition += 1) {
      const to = { topic: observations.name, partition };
      outbox.records.add(watermarkRecord(to, this.watermark(progress)));
    }
  }

  private setIdle(
    outbox: Outbox,
    progress: Progress,
    { idle, offset }: { readonly idle: boolean; readonly offset: number },
  ): void {
    const { scope, options } = this;
    const { watermark } = progress;
    progress.idle = idle;
    this.answered = options.awakenings();
    scope.watermarks.observe(this.watermark(progress));
    const value: Decision = {
      type: 'PartitionIdle',
      stream: scope.stream,
      task: scope.task,
      idle,
      // A partition that never had an event stands nowhere in event time.
      watermark: Number.isFinite(watermark) ? watermark : 0,
      source: { topic: options.raw.name, partition: scope.partition, offset },
    };
    this.decisions.keyed(outbox, { key: scope.task, value });
    this.tell(outbox, progress);
  }
}

/** raw events → observations, keyed by series, with the watermarks of their raw partition. */
export const ingest = (options: IngestOptions): Topology => ({
  name: 'ingest',
  stream: options.stream,
  summary:
    'maps raw events to observations keyed by series, and says how far event time is complete',
  sources: [{ topic: options.raw.name, kind: 'partitioned' }],
  stores: [],
  sinks: [options.observations, options.decisions],
  // Which event is late follows from the ends of periods.
  frequency: options.periods.text,
  partitions: options.raw.partitions,
  start: (scope) => {
    const task = new IngestTask(options, scope);
    return {
      process: concatMap((batch) => from(task.process(batch))),
      paused: () => task.isPaused,
    };
  },
});
