import { concatMap } from 'rxjs';
import { store } from '../../state/task-state.ts';
import { withContent, type Batch, type PolledSources } from '../batch.ts';
import { decodeItems, decodeValues } from '../operators/decode.ts';
import type { TaskScope, Topology } from '../topology.ts';
import { adoptionsStore } from './forecasting/adoptions.ts';
import { closingProgressStore } from './forecasting/closing-progress.ts';
import { revisionsStore } from './forecasting/corrections.ts';
import { heldCorrectionsStore } from './forecasting/held-corrections.ts';
import { laneStoresOf } from './forecasting/lanes.ts';
import { openEventsStore } from './forecasting/open-events.ts';
import { openPeriodsStore } from './forecasting/open-periods.ts';
import type { Standing } from './forecasting/model-intake.ts';
import type { ForecastingOptions } from './forecasting/options.ts';
import { seriesStore } from './forecasting/series-table.ts';
import { TaskParts } from './forecasting/task-parts.ts';
import { zonesStore } from './forecasting/zones.ts';

/** One observations partition being forecast. */
class ForecastingTask {
  private readonly options: ForecastingOptions;
  private readonly scope: TaskScope;
  private readonly parts: TaskParts;

  constructor(options: ForecastingOptions, scope: TaskScope) {
    this.options = options;
    this.scope = scope;
    this.parts = new TaskParts(options, scope);
  }

  get isPending(): boolean {
    return this.parts.closing.isPending;
  }

  async process(batch: Batch<PolledSources>): Promise<Batch<undefined>> {
    const { options, scope, parts } = this;
    const { deadLetters } = scope;
    const { observations, models, serdes } = options;
    const events = await decodeValues(batch, {
      topic: models.name,
      serde: serdes.modelEvent,
      deadLetters,
    });
    const items = await decodeItems(batch, {
      topic: observations.name,
      serde: serdes.observation,
      deadLetters,
    });
    await parts.intake.follow(batch.outbox, events, this.standing(batch.content));
    await parts.arrivals.take(batch.outbox, items);
    return withContent(batch, undefined);
  }

  /** Where this batch begins: what it adopts takes effect from there on. */
  private standing({ inputs }: PolledSources): Standing {
    const { observations, shape } = this.options;
    const { partition } = this.scope;
    const input = inputs.find(({ topic }) => topic === observations.name);
    const { firstOpen, nextOffset } = this.parts.closing;
    return {
      source: {
        topic: observations.name,
        partition,
        offset: input?.records[0]?.offset ?? input?.next ?? nextOffset,
      },
      nextPeriodStart: firstOpen === -Infinity ? 0 : shape.periods.startOf(firstOpen),
    };
  }
}

/** observations → periods → features → forecasts, each scored when its actual arrives. */
export const forecasting = (options: ForecastingOptions): Topology => {
  const { observations, models, topics, shape } = options;
  const lanes = laneStoresOf(shape);
  return {
    name: 'forecasting',
    stream: options.stream,
    summary: 'closes periods, scores and calibrates past forecasts, and issues new ones',
    sources: [
      { topic: observations.name, kind: 'partitioned' },
      { topic: models.name, kind: 'broadcast' },
    ],
    stores: [
      seriesStore(shape.ringPeriods),
      store(openPeriodsStore(shape.aggregation)),
      store(openEventsStore),
      ...lanes.flatMap(({ open, calibrations }) => [open.definition, calibrations]),
      store(adoptionsStore),
      store(closingProgressStore),
      store(heldCorrectionsStore),
      store(revisionsStore),
      store(zonesStore),
    ],
    sinks: [topics.features, topics.forecasts, topics.scores, topics.late, topics.decisions],
    frequency: shape.periods.text,
    partitions: observations.partitions,
    start: (scope) => {
      const task = new ForecastingTask(options, scope);
      return {
        process: concatMap((batch) => task.process(batch)),
        pending: () => task.isPending,
      };
    },
  };
};
