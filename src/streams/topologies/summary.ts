import { map, pipe } from 'rxjs';
import { DAY_MS } from '../../core/duration.ts';
import type { AccuracyThresholds, NamedWindow } from '../../evaluation/thresholds.ts';
import type { Accuracy } from '../../schemas/accuracy.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { DriftSignal } from '../../schemas/drift-signal.ts';
import type { AccuracyPartial, PartialRecord } from '../../schemas/partial.ts';
import type { Serde } from '../../schemas/serde.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import { jsonStore } from '../../state/json-store.ts';
import { store } from '../../state/task-state.ts';
import { withContent, type Batch, type Outbox } from '../batch.ts';
import { decode, type Item } from '../operators/decode.ts';
import { publisher, type Publisher } from '../operators/publish.ts';
import type { TaskScope, Topology } from '../topology.ts';
import type { Watermark } from '../watermarks.ts';
import { DriftWatch, episodesStore, waitingTestsStore } from './summary/drift-watch.ts';
import { KeptPartials, keptPartialsStore } from './summary/kept-partials.ts';
import { breachesStore, watchThresholds } from './summary/threshold-watch.ts';

/** Days beyond the longest window for which partials are kept, since corrections may still come. */
const SLACK_DAYS = 35;

export interface SummaryOptions {
  readonly stream: string;
  readonly partials: TopicDefinition;
  readonly accuracy: TopicDefinition;
  readonly drift: TopicDefinition;
  readonly alerts: TopicDefinition;
  readonly serdes: {
    readonly partial: Serde<PartialRecord>;
    readonly accuracy: Serde<Accuracy>;
    readonly drift: Serde<DriftSignal>;
    readonly alert: Serde<Alert>;
  };
  readonly windows: readonly NamedWindow[];
  readonly thresholds: AccuracyThresholds;
}

interface Progress {
  /** Epoch ms: the first day that is not summed up yet; null before every partition has spoken. */
  readonly nextDay: number | null;
}

const PROGRESS_KEY = 'progress';

const progressStore = jsonStore<Progress>({
  name: 'summary-progress',
  version: 1,
  initial: () => ({ nextDay: null }),
});

interface Publishers {
  readonly accuracy: Publisher<Accuracy>;
  readonly drift: Publisher<DriftSignal>;
  readonly alerts: Publisher<Alert>;
}

const publishersOf = ({ accuracy, drift, alerts, serdes }: SummaryOptions): Publishers => ({
  accuracy: publisher({
    topic: accuracy.name,
    partitions: accuracy.partitions,
    serde: serdes.accuracy,
  }),
  drift: publisher({ topic: drift.name, partitions: drift.partitions, serde: serdes.drift }),
  alerts: publisher({ topic: alerts.name, partitions: alerts.partitions, serde: serdes.alert }),
});

/** The models of one partials partition being summed up. */
class SummaryTask {
  private readonly options: SummaryOptions;
  private readonly scope: TaskScope;
  private readonly partials: KeptPartials;
  private readonly drift: DriftWatch;
  private readonly publish: Publishers;

  constructor(options: SummaryOptions, scope: TaskScope) {
    const { state } = scope;
    this.options = options;
    this.scope = scope;
    this.partials = new KeptPartials(state.keyed(keptPartialsStore), options);
    this.drift = new DriftWatch(options.stream, {
      episodes: state.keyed(episodesStore),
      waiting: state.keyed(waitingTestsStore),
    });
    this.publish = publishersOf(options);
  }

  process(batch: Batch<readonly Item<PartialRecord>[]>): Batch<undefined> {
    for (const item of batch.content) {
      if (item.type === 'watermark') this.advance(batch.outbox, item.watermark);
      else if (item.value.type === 'SeriesStatistic') this.drift.wait(item.value);
      else this.take(batch.outbox, item.value);
    }
    return withContent(batch, undefined);
  }

  private get nextDay(): number {
    const progress = this.scope.state.keyed(progressStore).find(PROGRESS_KEY);
    return progress?.nextDay ?? -Infinity;
  }

  /** A partial of a day that is summed up already changes every window that holds the day. */
  private take(outbox: Outbox, partial: AccuracyPartial): void {
    const { nextDay } = this;
    this.partials.put(partial);
    if (partial.windowStart >= nextDay) return;
    for (const accuracy of this.partials.holding(partial, nextDay)) this.tell(outbox, accuracy);
  }

  private advance(outbox: Outbox, said: Watermark): void {
    const { watermarks, state } = this.scope;
    watermarks.observe(said);
    const { least } = watermarks;
    const { nextDay } = this;
    if (!Number.isFinite(least) || least <= nextDay) return;
    for (const day of this.partials.daysIn(nextDay, least)) this.close(outbox, day);
    state.keyed(progressStore).put(PROGRESS_KEY, { nextDay: least });
    const longest = Math.max(...this.options.windows.map(({ ms }) => ms));
    this.partials.drop(least - longest - SLACK_DAYS * DAY_MS);
  }

  private close(outbox: Outbox, day: number): void {
    const all = [...this.partials.endingWith(day)];
    for (const accuracy of all) this.tell(outbox, accuracy);
    const breaches = this.scope.state.keyed(breachesStore);
    for (const alert of watchThresholds(all, breaches, this.options)) {
      this.publish.alerts.keyed(outbox, { key: alert.id, value: alert });
    }
    for (const { signal, alert } of this.drift.tick(day + DAY_MS)) {
      this.publish.drift.on(outbox, this.scope.partition, { key: signal.scope, value: signal });
      if (alert !== undefined) this.publish.alerts.keyed(outbox, { key: alert.id, value: alert });
    }
  }

  /** Co-partitioned with partials: by model, whatever else the key says. */
  private tell(outbox: Outbox, accuracy: Accuracy): void {
    const { scope, model, window } = accuracy;
    const key = `${scope}|${model.name}|${window.kind}`;
    this.publish.accuracy.on(outbox, this.scope.partition, { key, value: accuracy });
  }
}

/** partials of all partitions → accuracy over windows, drift episodes, alerts. */
export const summary = (options: SummaryOptions): Topology => ({
  name: 'summary',
  stream: options.stream,
  summary: 'sums up accuracy over windows, and judges drift over all series of a model',
  sources: [{ topic: options.partials.name, kind: 'partitioned' }],
  stores: [
    store(keptPartialsStore),
    store(waitingTestsStore),
    store(episodesStore),
    store(breachesStore),
    store(progressStore),
  ],
  sinks: [options.accuracy, options.drift, options.alerts],
  partitions: options.partials.partitions,
  start: (scope) => {
    const task = new SummaryTask(options, scope);
    return {
      process: pipe(
        decode({
          topic: options.partials.name,
          serde: options.serdes.partial,
          deadLetters: scope.deadLetters,
        }),
        map((batch) => task.process(batch)),
      ),
    };
  },
});
