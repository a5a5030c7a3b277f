import type { Clock } from '../../../core/clock.ts';
import type { Frequency } from '../../../core/frequency.ts';
import type { Aggregation } from '../../../features/aggregation.ts';
import type { IntervalRule } from '../../../models/quantile-rules.ts';
import type { ColumnarScore } from '../../../schemas/columnar-score.ts';
import type { Decision, ModelAdopted } from '../../../schemas/decision.ts';
import type { FeatureSchema } from '../../../schemas/feature-schema.ts';
import type { FeatureVector } from '../../../schemas/feature-vector.ts';
import type { Forecast, ModelRef } from '../../../schemas/forecast.ts';
import type { LateObservation } from '../../../schemas/late-observation.ts';
import type { ModelEvent } from '../../../schemas/model-event.ts';
import type { Observation } from '../../../schemas/observation.ts';
import type { Serde } from '../../../schemas/serde.ts';
import type { TopicDefinition } from '../../../schemas/topic.ts';
import type { ForecastMetrics } from '../../metrics.ts';
import type { ModelShelf } from './model-shelf.ts';
import type { SeriesFunctions } from './series-functions.ts';

/** What is computed of each series. */
export interface ForecastingShape {
  readonly features: FeatureSchema;
  /** Compiles the features for a zone, once. */
  readonly functions: (zone: string) => SeriesFunctions;
  /** In the stream's own zone: it decides where periods begin. */
  readonly periods: Frequency;
  readonly aggregation: Aggregation;
  /** Slots of a window: more than the features look back. */
  readonly ringPeriods: number;
  /** Percent, ascending. */
  readonly levels: readonly number[];
  /** Whether the features of an origin are an output of their own. */
  readonly publishesFeatures: boolean;
  readonly forecast: {
    /** A forecast at each so many closed periods. */
    readonly every: number;
    /** Epoch ms: no forecasts for origins before it, only state. */
    readonly fromMs: number;
    /** Steps that are scored and calibrated by their actuals, 1..horizon. */
    readonly scoredSteps: number;
    /** How intervals follow what they covered: by a controller if absent. */
    readonly intervals?: IntervalRule | undefined;
    /** Periods that a series must span before a model speaks for it. */
    readonly historyNeeded: number;
  };
  /** Silences, in event time, after which a series is stale, then dead. */
  readonly silence: { readonly staleAfterMs: number; readonly deadAfterMs: number };
  /** The attribute that names a series' own zone, where it has one. */
  readonly timeZoneAttribute?: string | undefined;
}

export interface ForecastingOptions {
  readonly stream: string;
  /** The stream's model: how the naive ladder signs where no version serves yet. */
  readonly model: string;
  readonly observations: TopicDefinition;
  /**
   * Observations come keyed by series from elsewhere, without watermarks: each closes its period.
   */
  readonly isKeyed: boolean;
  /** How much disorder a keyed source has; others have had theirs at ingest. */
  readonly graceMs: number;
  readonly models: TopicDefinition;
  readonly topics: {
    readonly features: TopicDefinition;
    readonly forecasts: TopicDefinition;
    readonly scores: TopicDefinition;
    readonly late: TopicDefinition;
    readonly decisions: TopicDefinition;
  };
  readonly serdes: {
    readonly observation: Serde<Observation>;
    readonly modelEvent: Serde<ModelEvent>;
    readonly features: Serde<FeatureVector>;
    readonly forecast: Serde<Forecast>;
    readonly score: Serde<ColumnarScore>;
    readonly late: Serde<LateObservation>;
    readonly decision: Serde<Decision>;
  };
  readonly shape: ForecastingShape;
  /** Events with ids that a partition remembers at most while their periods are open. */
  readonly eventsMax?: number | undefined;
  /** Rows that go through a model at once; results do not depend on it. */
  readonly chunkRows?: number | undefined;
  /** Closings, of series and of periods, of one commit; nor on this. */
  readonly closingsPerCommit?: number | undefined;
  /** Periods in which no series lives that readers are told of one by one. */
  readonly longStretch?: number | undefined;
  readonly shelf: ModelShelf;
  readonly metrics: ForecastMetrics;
  /** For durations in metrics alone. */
  readonly clock: Clock;
  /** Told of a model that cannot serve; what serves goes on serving. */
  readonly onRefused: (model: ModelRef, error: unknown) => void;
  /**
   * Told, each time, of a model that was adopted and has other features than the stream has now:
   * the naive ladder speaks in its place, and nobody in that of a shadow.
   */
  readonly onMisfit: (model: ModelRef, error: unknown) => void;
  /** A replay takes adoptions from here, by the offsets they name, instead of from model events. */
  readonly pinned?: (task: string) => readonly ModelAdopted[];
}
