import { TidecastError } from '../../../core/errors.ts';
import type { ModelAdopted } from '../../../schemas/decision.ts';
import type { SourceOffset } from '../../../schemas/forecast.ts';
import type { ModelEvent } from '../../../schemas/model-event.ts';
import type { Keyed } from '../../../state/keyed.ts';
import type { Outbox } from '../../batch.ts';
import { publisher, type Publisher } from '../../operators/publish.ts';
import type { TaskScope } from '../../topology.ts';
import type { Decision } from '../../../schemas/decision.ts';
import {
  adopt,
  ADOPTIONS_KEY,
  adoptionsOf,
  passOver,
  planOf,
  type Adoptions,
  type Planned,
} from './adoptions.ts';
import type { ForecastingOptions } from './options.ts';

/** Where in the observations a task stands when it takes a model. */
export interface Standing {
  readonly source: SourceOffset;
  /** Epoch ms: start of the first period that is still open. */
  readonly nextPeriodStart: number;
}

const EMPTY: Adoptions = { champion: '', nextSerial: 1, list: [] };

/** Turns model events into adoptions, each a recorded decision; a replay reads those back. */
export class ModelIntake {
  private readonly options: ForecastingOptions;
  private readonly scope: TaskScope;
  private readonly store: Keyed<Adoptions>;
  private readonly decisions: Publisher<Decision>;
  private readonly pinned: readonly ModelAdopted[] | undefined;

  constructor(options: ForecastingOptions, scope: TaskScope, store: Keyed<Adoptions>) {
    const { topics, serdes } = options;
    this.options = options;
    this.scope = scope;
    this.store = store;
    this.pinned = options.pinned?.(scope.task);
    this.decisions = publisher({
      topic: topics.decisions.name,
      partitions: topics.decisions.partitions,
      serde: serdes.decision,
    });
  }

  get adoptions(): Readonly<Adoptions> {
    return this.store.find(ADOPTIONS_KEY) ?? EMPTY;
  }

  /** Follows the models of this stream, from the next period on. */
  async follow(outbox: Outbox, events: readonly ModelEvent[], at: Standing): Promise<void> {
    if (this.pinned !== undefined) return;
    for (const event of events) {
      if (event.stream !== this.options.stream || event.model !== this.options.model) continue;
      const planned = adoptionsOf(this.adoptions, event, at.nextPeriodStart);
      if (planned.length === 0) continue;
      if (await this.canServe(planned)) this.take(outbox, planned, at.source);
      else passOver(this.store.touch(ADOPTIONS_KEY), event);
    }
  }

  /** Takes what the recorded decisions say was taken when this record came. */
  replay(outbox: Outbox, record: { readonly offset: number }): void {
    for (let next = this.dueBy(record); next !== undefined; next = this.dueBy(record)) {
      this.take(outbox, [planOf(next)], next.source);
    }
  }

  /** Whether `replay` would take a model now. */
  isDue(record: { readonly offset: number }): boolean {
    return this.dueBy(record) !== undefined;
  }

  /** Serials count what was taken. */
  private dueBy(record: { readonly offset: number }): ModelAdopted | undefined {
    const next = this.pinned?.[this.adoptions.nextSerial - 1];
    return next !== undefined && next.source.offset <= record.offset ? next : undefined;
  }

  /** A model that cannot be loaded is refused, and what serves goes on serving. */
  private async canServe(planned: readonly Planned[]): Promise<boolean> {
    for (const { model } of planned) {
      if (model === null) continue;
      try {
        await this.options.shelf.load(model);
      } catch (error) {
        if (error instanceof TidecastError && error.retriable) throw error;
        this.options.onRefused(model, error);
        return false;
      }
    }
    return true;
  }

  private take(outbox: Outbox, planned: readonly Planned[], source: SourceOffset): void {
    const { stream, task } = this.scope;
    adopt(this.store.touch(ADOPTIONS_KEY), planned);
    for (const { role, model, effectiveFrom } of planned) {
      this.decisions.keyed(outbox, {
        key: task,
        value: { type: 'ModelAdopted', stream, task, role, model, effectiveFrom, source },
      });
    }
  }
}
