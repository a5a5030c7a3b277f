import { concatMap, from } from 'rxjs';
import type { Clock } from '../../core/clock.ts';
import { TrainingError } from '../../retraining/errors.ts';
import type { ModelEvent } from '../../schemas/model-event.ts';
import { asksForTraining, type RetrainingRequest } from '../../schemas/retraining-request.ts';
import type { Serde } from '../../schemas/serde.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import type { Keyed } from '../../state/keyed.ts';
import { store } from '../../state/task-state.ts';
import { withContent, type Batch, type PolledSources } from '../batch.ts';
import { decodeValues } from '../operators/decode.ts';
import { publisher, type Publisher } from '../operators/publish.ts';
import type { TaskScope, Topology } from '../topology.ts';
import type { Answer } from './training/answers.ts';
import { answerByTraining, type CandidateOptions } from './training/candidate.ts';
import { answerByName } from './training/named-version.ts';
import { answerByRegistering } from './training/registered-version.ts';
import { afterEvent, trainedModelsStore, type TrainedModel } from './training/trained-models.ts';

export interface TrainingOptions extends CandidateOptions {
  readonly stream: string;
  /** Both shared by all streams. */
  readonly requests: TopicDefinition;
  readonly models: TopicDefinition;
  /** Says when a decision was made; nothing else depends on it. */
  readonly clock: Clock;
  readonly serdes: {
    readonly request: Serde<RetrainingRequest>;
    readonly modelEvent: Serde<ModelEvent>;
  };
}

/** The requests of one partition, answered one after the other. */
class TrainingTask {
  private readonly options: TrainingOptions;
  private readonly scope: TaskScope;
  private readonly known: Keyed<TrainedModel>;
  private readonly models: Publisher<ModelEvent>;

  constructor(options: TrainingOptions, scope: TaskScope) {
    const { models, serdes } = options;
    this.options = options;
    this.scope = scope;
    this.known = scope.state.keyed(trainedModelsStore);
    this.models = publisher({
      topic: models.name,
      partitions: models.partitions,
      serde: serdes.modelEvent,
    });
  }

  async process(batch: Batch<PolledSources>): Promise<Batch<undefined>> {
    const { models, requests, serdes } = this.options;
    const { deadLetters } = this.scope;
    const events = { topic: models.name, serde: serdes.modelEvent, deadLetters };
    const asked = { topic: requests.name, serde: serdes.request, deadLetters };
    for (const event of await decodeValues(batch, events)) this.fold(event);
    for (const request of await decodeValues(batch, asked)) {
      if (this.isOurs(request)) await this.settle(batch, request);
    }
    return withContent(batch, undefined);
  }

  /** Of this stream, and not answered before: a replay trains nothing twice. */
  private isOurs({ stream, model, id }: RetrainingRequest): boolean {
    const isAnswered = this.known.find(model)?.answered.includes(id) ?? false;
    return stream === this.options.stream && !isAnswered;
  }

  private async settle(batch: Batch<PolledSources>, request: RetrainingRequest): Promise<void> {
    const answer = await this.answer(request);
    for (const event of answer(this.options.clock.now())) {
      this.models.keyed(batch.outbox, { key: event.model, value: event });
      // Not when it comes back by the log: the next request must find this one's champion.
      this.fold(event);
    }
  }

  private async answer(request: RetrainingRequest): Promise<Answer> {
    const { options, scope } = this;
    const { line } = this.known.find(request.model) ?? trainedModelsStore.initial(request.model);
    try {
      if (asksForTraining(request.reason)) {
        return await answerByTraining(options, { request, line }, scope.signal);
      }
      return request.reason === 'registration'
        ? await answerByRegistering(options, { request, line })
        : await answerByName(options, { request, line });
    } catch (failure) {
      if (!scope.signal.aborted) throw failure;
      // Retriable, whatever it was: the request must not pass for one that cannot be processed.
      throw new TrainingError(
        'TRAINING_ABORTED',
        `Training for ${request.id} was stopped before its end; it starts again with its request`,
        { cause: failure, retriable: true },
      );
    }
  }

  private fold(event: ModelEvent): void {
    if (event.stream !== this.options.stream) return;
    const before = this.known.find(event.model) ?? trainedModelsStore.initial(event.model);
    const after = afterEvent(before, event);
    if (after !== before) this.known.put(event.model, after);
  }
}

/** requests for models → histories read again → candidates, judged and promoted or rejected. */
export const training = (options: TrainingOptions): Topology => ({
  name: 'training',
  stream: options.stream,
  summary: 'trains the models that are asked for, and lets those serve that pass the gate',
  sources: [
    // First, so that a request finds the champion of its time and is not answered twice.
    { topic: options.models.name, kind: 'broadcast' },
    { topic: options.requests.name, kind: 'partitioned' },
  ],
  stores: [store(trainedModelsStore)],
  sinks: [options.models],
  outlivesReplay: true,
  partitions: options.requests.partitions,
  start: (scope) => {
    const task = new TrainingTask(options, scope);
    return { process: concatMap((batch) => from(task.process(batch))) };
  },
});
