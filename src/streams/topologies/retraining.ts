import { concatMap, from } from 'rxjs';
import { canonicalJson } from '../../core/canonical-json.ts';
import { contentHash } from '../../core/content-hash.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { AccuracyThresholds, NamedWindow } from '../../evaluation/thresholds.ts';
import {
  wantedByClock,
  wantedByNews,
  type RetrainingFacts,
  type RetrainingPolicy,
  type WantedTraining,
} from '../../retraining/policy.ts';
import type { Accuracy } from '../../schemas/accuracy.ts';
import type { Decision } from '../../schemas/decision.ts';
import type { DriftSignal } from '../../schemas/drift-signal.ts';
import type { ModelEvent } from '../../schemas/model-event.ts';
import type { RetrainingRequest, TopicPosition } from '../../schemas/retraining-request.ts';
import type { Serde } from '../../schemas/serde.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import type { Keyed } from '../../state/keyed.ts';
import { store } from '../../state/task-state.ts';
import { withContent, type Batch, type PolledSources } from '../batch.ts';
import { decodeValues } from '../operators/decode.ts';
import { publisher, type Publisher } from '../operators/publish.ts';
import type { TaskScope, Topology } from '../topology.ts';
import {
  afterAccuracy,
  afterDrift,
  afterModelEvent,
  afterRequest,
  factsOf,
  watchedModelsStore,
  withinClock,
  type WatchedModel,
} from './retraining/watched-models.ts';

export interface RetrainingOptions {
  readonly stream: string;
  readonly accuracy: TopicDefinition;
  readonly drift: TopicDefinition;
  /** Shared by all streams. */
  readonly models: TopicDefinition;
  readonly requests: TopicDefinition;
  readonly decisions: TopicDefinition;
  readonly serdes: {
    readonly accuracy: Serde<Accuracy>;
    readonly drift: Serde<DriftSignal>;
    readonly modelEvent: Serde<ModelEvent>;
    readonly request: Serde<RetrainingRequest>;
    readonly decision: Serde<Decision>;
  };
  readonly policy: RetrainingPolicy;
  /** Of the stream's features, as it is configured now. */
  readonly schemaHash: string;
  readonly trainingWindowDays: number;
  readonly windows: readonly NamedWindow[];
  readonly thresholds: AccuracyThresholds;
  /** Stable ends of all partitions of observations and scores, now. */
  readonly positions: () => Promise<readonly TopicPosition[]>;
}

const SCHEDULE = 'retraining';

/** The models of one partition of accuracy being watched. */
class RetrainingTask {
  private readonly options: RetrainingOptions;
  private readonly scope: TaskScope;
  private readonly models: Keyed<WatchedModel>;
  private readonly requests: Publisher<RetrainingRequest>;
  private readonly decisions: Publisher<Decision>;

  constructor(options: RetrainingOptions, scope: TaskScope) {
    const { requests, decisions, serdes } = options;
    this.options = options;
    this.scope = scope;
    this.models = scope.state.keyed(watchedModelsStore);
    this.requests = publisher({
      topic: requests.name,
      partitions: requests.partitions,
      serde: serdes.request,
    });
    this.decisions = publisher({
      topic: decisions.name,
      partitions: decisions.partitions,
      serde: serdes.decision,
    });
  }

  /**
   * News are weighed one by one, so that batches make no difference; then the clock is looked at.
   */
  async process(batch: Batch<PolledSources>): Promise<Batch<undefined>> {
    for (const name of this.models.keys())
      this.update(name, (one) => withinClock(one, batch.nowMs));
    await this.foldModelEvents(batch);
    await this.weighAccuracy(batch);
    await this.weighDrift(batch);
    await this.lookAtClock(batch);
    return withContent(batch, undefined);
  }

  private async foldModelEvents(batch: Batch<PolledSources>): Promise<void> {
    const { models, serdes, stream } = this.options;
    const { deadLetters } = this.scope;
    const read = { topic: models.name, serde: serdes.modelEvent, deadLetters };
    for (const event of await decodeValues(batch, read)) {
      if (event.stream !== stream) continue;
      this.update(event.model, (one) => afterModelEvent(one, event));
      // What came while a request was out may be all that ever comes: a history is read in seconds.
      await this.weigh(batch, event.model);
    }
  }

  private async weighAccuracy(batch: Batch<PolledSources>): Promise<void> {
    const { accuracy, serdes } = this.options;
    const { deadLetters } = this.scope;
    const read = { topic: accuracy.name, serde: serdes.accuracy, deadLetters };
    for (const value of await decodeValues(batch, read)) {
      const { name } = value.model;
      this.update(name, (one) => afterAccuracy(one, value, this.options));
      await this.weigh(batch, name);
    }
  }

  private async weighDrift(batch: Batch<PolledSources>): Promise<void> {
    const { drift, serdes } = this.options;
    const { deadLetters } = this.scope;
    const read = { topic: drift.name, serde: serdes.drift, deadLetters };
    for (const signal of await decodeValues(batch, read)) {
      this.update(signal.model, (one) => afterDrift(one, signal));
      await this.weigh(batch, signal.model);
    }
  }

  private factsOf(model: WatchedModel): RetrainingFacts {
    return factsOf(model, this.options.schemaHash);
  }

  private async weigh(batch: Batch<PolledSources>, name: string): Promise<void> {
    const model = this.models.find(name);
    if (model === undefined) return;
    const wanted = wantedByNews(this.factsOf(model), this.options.policy, batch.nowMs);
    if (wanted !== null) await this.ask(batch, name, wanted);
  }

  private async lookAtClock(batch: Batch<PolledSources>): Promise<void> {
    for (const name of [...this.models.keys()].sort()) {
      const model = this.models.find(name);
      if (model === undefined) continue;
      const wanted = wantedByClock(this.factsOf(model), this.options.policy, batch.nowMs);
      if (wanted === null) continue;
      this.recordTick(batch);
      await this.ask(batch, name, wanted);
    }
  }

  /** A replay does not look at its own clock: it reads here when this one was found due. */
  private recordTick({ outbox, nowMs, content }: Batch<PolledSources>): void {
    const { scope, options } = this;
    const { name } = options.accuracy;
    const input = content.inputs.find(({ topic }) => topic === name);
    this.decisions.keyed(outbox, {
      key: scope.task,
      value: {
        type: 'ScheduleTick',
        stream: scope.stream,
        task: scope.task,
        schedule: SCHEDULE,
        tickAt: nowMs,
        source: { topic: name, partition: scope.partition, offset: input?.next ?? 0 },
      },
    });
  }

  private async ask(
    batch: Batch<PolledSources>,
    name: string,
    wanted: WantedTraining,
  ): Promise<void> {
    const model = this.models.find(name);
    const end = model?.dataUntil ?? null;
    if (model === undefined || end === null) return;
    const { stream, schemaHash, trainingWindowDays, positions } = this.options;
    const { reason, evidence } = wanted;
    const request: RetrainingRequest = {
      id: contentHash([stream, name, reason, end, model.requests]),
      model: name,
      stream,
      reason,
      evidence: canonicalJson({ ...evidence, requests: model.requests }),
      trainingWindow: {
        start: end - trainingWindowDays * DAY_MS,
        end,
        offsets: await positions(),
      },
    };
    this.requests.keyed(batch.outbox, { key: name, value: request });
    this.models.put(
      name,
      afterRequest(model, { id: request.id, askedAt: batch.nowMs, dataUntil: end, schemaHash }),
    );
  }

  /** Writes only what changed, so that an idle task commits nothing. */
  private update(name: string, change: (model: WatchedModel) => WatchedModel): void {
    const before = this.models.find(name) ?? watchedModelsStore.initial(name);
    const after = change(before);
    if (after !== before) this.models.put(name, after);
  }
}

/** accuracy, drift, the clock → requests for new models. */
export const retraining = (options: RetrainingOptions): Topology => ({
  name: 'retraining',
  stream: options.stream,
  summary: 'asks for a new model by schedule, accuracy or drift, and leaves it alone afterwards',
  sources: [
    // First, so that a request is settled before news of the same batch could lead to another.
    { topic: options.models.name, kind: 'broadcast' },
    { topic: options.accuracy.name, kind: 'partitioned' },
    { topic: options.drift.name, kind: 'partitioned' },
  ],
  stores: [store(watchedModelsStore)],
  sinks: [options.requests, options.decisions],
  outlivesReplay: true,
  partitions: options.accuracy.partitions,
  start: (scope) => {
    const task = new RetrainingTask(options, scope);
    return { process: concatMap((batch) => from(task.process(batch))) };
  },
});
