import type { Decision } from '../../../schemas/decision.ts';
import type { Outbox } from '../../batch.ts';
import { publisher, type Publisher } from '../../operators/publish.ts';
import type { TaskScope } from '../../topology.ts';
import type { ForecastingOptions } from './options.ts';
import type { Series, SeriesLife, SeriesTable } from './series-table.ts';

/** Judges, by event time, which series have fallen silent; each change is a recorded decision. */
export class SilenceWatch {
  private readonly options: ForecastingOptions;
  private readonly scope: TaskScope;
  private readonly table: SeriesTable;
  private readonly decisions: Publisher<Decision>;

  constructor(options: ForecastingOptions, scope: TaskScope, table: SeriesTable) {
    const { topics, serdes } = options;
    this.options = options;
    this.scope = scope;
    this.table = table;
    this.decisions = publisher({
      topic: topics.decisions.name,
      partitions: topics.decisions.partitions,
      serde: serdes.decision,
    });
  }

  /** What a series is when a period ends in which it spoke, or did not. */
  judge(series: Series, said: { period: number; spoke: boolean }): SeriesLife {
    if (said.spoke) return 'alive';
    const { periods, silence } = this.options.shape;
    const last = this.table.lastOf(series);
    const silentMs = periods.startOf(said.period + 1) - periods.startOf(last + 1);
    if (silentMs >= silence.deadAfterMs) return 'dead';
    return silentMs >= silence.staleAfterMs ? 'stale' : 'alive';
  }

  change(outbox: Outbox, series: Series, to: { state: SeriesLife; offset: number }): void {
    const { stream, task, partition } = this.scope;
    const { observations, shape } = this.options;
    this.table.setState(series, to.state);
    this.decisions.keyed(outbox, {
      key: task,
      value: {
        type: 'SeriesStale',
        stream,
        task,
        seriesId: series.id,
        state: to.state,
        lastEventTime: shape.periods.startOf(this.table.lastOf(series)),
        source: { topic: observations.name, partition, offset: to.offset },
      },
    });
  }
}
