import { sourceSet } from '../../watermarks.ts';
import type { TaskScope } from '../../topology.ts';
import { adoptionsStore } from './adoptions.ts';
import { Arrivals } from './arrivals.ts';
import { Closer } from './closer.ts';
import { closingProgressStore } from './closing-progress.ts';
import { Corrections } from './corrections.ts';
import { lanesOf } from './lanes.ts';
import { LateEvents } from './late-events.ts';
import { ModelIntake } from './model-intake.ts';
import { ModelNames } from './model-names.ts';
import { OpenEvents, openEventsStore } from './open-events.ts';
import { OpenPeriods, openPeriodsStore } from './open-periods.ts';
import type { ForecastingOptions } from './options.ts';
import { PeriodClosing } from './period-closing.ts';
import { SeriesTable, seriesStore } from './series-table.ts';
import { SilenceWatch } from './silence.ts';
import { sinksOf } from './sinks.ts';
import { Zones } from './zones.ts';

/**
 * Rows that go through a model at once: enough to make its call small, few enough to stay cached.
 */
const CHUNK_ROWS = 1_024;

/** The parts of one task, put together over its state. */
export class TaskParts {
  readonly intake: ModelIntake;
  readonly closing: PeriodClosing;
  readonly arrivals: Arrivals;

  constructor(options: ForecastingOptions, scope: TaskScope) {
    const { shape, observations, chunkRows = CHUNK_ROWS } = options;
    const { state, partition } = scope;
    const table = new SeriesTable(state.slab(seriesStore(shape.ringPeriods)), shape.ringPeriods);
    const zones = new Zones(shape, state);
    const open = new OpenPeriods({
      aggregation: shape.aggregation,
      keyed: state.keyed(openPeriodsStore(shape.aggregation)),
      events: new OpenEvents(state.keyed(openEventsStore)),
      eventsMax: options.eventsMax,
    });
    const intake = new ModelIntake(options, scope, state.keyed(adoptionsStore));
    const sinks = sinksOf(options, partition);
    const closer = new Closer({
      options,
      table,
      lanes: lanesOf(shape, { state, rows: chunkRows }),
      functionsOf: (series, period) => zones.functionsOf(series, period),
      models: new ModelNames(options.model, () => intake.adoptions),
      sinks,
      partition,
      chunkRows,
    });
    const { horizon } = shape.features;
    const late = new LateEvents(options, sinks);
    const corrections = new Corrections({ state, table, closer, late, horizon });
    this.intake = intake;
    this.closing = new PeriodClosing({
      options,
      scope,
      table,
      open,
      closer,
      corrections,
      silence: new SilenceWatch(options, scope, table),
      intake,
      progress: state.keyed(closingProgressStore),
      sources: sourceSet(1, [{ topic: observations.name, partition }]),
    });
    const { closing } = this;
    const parts = { options, scope, table, zones, open, corrections, closing, intake, late };
    this.arrivals = new Arrivals({ ...parts, closer });
  }
}
