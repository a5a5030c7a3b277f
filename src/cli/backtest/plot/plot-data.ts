import { basename } from 'node:path';
import type { Frequency } from '../../../core/frequency.ts';
import type { BacktestTable, BacktestResult } from '../../../evaluation/backtest-table.ts';
import type { Panel } from '../../../evaluation/history.ts';
import { notableSeries, type NotableSeries } from '../../../evaluation/notable-series.ts';
import { SHOWN_PERIODS_MAX, type ShownForecasts } from '../../../evaluation/shown-forecasts.ts';
import { bucketName, type StepBucket } from '../../../evaluation/report-buckets.ts';
import type { FeatureSchema } from '../../../schemas/feature-schema.ts';
import type { BacktestCall } from '../options.ts';
import { drawnSeries, type DrawnSeries } from './drawn-series.ts';
import type { SlotCoverageResult } from './slot-coverage.ts';
import { localStart } from './slots.ts';

/** A week of hours before a forecast is enough to see what it follows on from. */
const LEAD_MAX = 168;
/** A numbered period, as if each took a second: the page's axis counts in milliseconds. */
const NUMBERED_MS = 1_000;

/** What was backtested. */
export interface Plotted {
  /** That was read. */
  readonly file: string;
  readonly panel: Panel;
  readonly frequency: Frequency;
  readonly featureSchema: FeatureSchema;
}

/** What the page shows; `dashboard/backtest-page` reads it by these names. */
export interface PlotData {
  readonly file: string;
  readonly trainer: string;
  readonly frequency: string;
  /** null: periods are numbered, no clock is known. */
  readonly zone: string | null;
  readonly horizon: number;
  readonly season: number;
  readonly levels: readonly number[];
  readonly origins: { readonly count: number; readonly first: number; readonly last: number };
  readonly seriesCount: number;
  readonly shownPeriodsMax: number;
  readonly results: readonly BacktestResult[];
  readonly buckets: readonly (StepBucket & {
    readonly name: string;
    readonly wape: readonly (number | null)[];
  })[];
  readonly series: readonly NotableSeries[];
  readonly drawn: readonly DrawnSeries[];
  /** Local starts of all periods that are drawn, as if they were UTC, epoch ms. */
  readonly times: Readonly<Record<number, number>>;
  readonly coverage: SlotCoverageResult;
}

export interface PlotParts {
  readonly call: BacktestCall;
  readonly plotted: Plotted;
  readonly table: BacktestTable;
  readonly gathered: {
    readonly forecasts: ShownForecasts;
    readonly coverage: SlotCoverageResult;
    readonly origins: readonly number[];
  };
}

const drawnOf = (
  notable: readonly NotableSeries[],
  { plotted, gathered }: PlotParts,
): readonly DrawnSeries[] => {
  const { panel, featureSchema } = plotted;
  const lead = Math.min(LEAD_MAX, Math.max(featureSchema.horizon, featureSchema.seasons[0] ?? 1));
  const histories = new Map(panel.series.map((one) => [one.seriesId, one]));
  return notable.flatMap(({ seriesId }) => {
    const history = histories.get(seriesId);
    const forecasts = gathered.forecasts.of(seriesId);
    if (history === undefined || forecasts.length === 0) return [];
    return [drawnSeries({ history, forecasts, lead })];
  });
};

const periodsOf = function* (drawn: readonly DrawnSeries[]): Generator<number> {
  for (const { forecasts } of drawn) {
    for (const { from, actual } of forecasts) {
      for (const index of actual.keys()) yield from + index;
    }
  }
};

/** Everything that the page of a backtest shows; its size has a bound, whatever was backtested. */
export const plotData = (parts: PlotParts): PlotData => {
  const { call, plotted, table, gathered } = parts;
  const { frequency, featureSchema, panel, file } = plotted;
  const hasClock = call.timeColumn !== undefined;
  const timeOf = (period: number): number =>
    hasClock ? localStart(frequency, period) : period * NUMBERED_MS;
  const series = notableSeries(table.series());
  const drawn = drawnOf(series, parts);
  const origins = gathered.origins.map(timeOf);
  return {
    file: basename(file),
    trainer: call.trainer,
    frequency: call.frequency,
    zone: hasClock ? call.timeZone : null,
    horizon: featureSchema.horizon,
    season: featureSchema.seasons[0] ?? 1,
    levels: call.levels,
    origins: { count: origins.length, first: origins[0] ?? 0, last: origins.at(-1) ?? 0 },
    seriesCount: panel.series.length,
    shownPeriodsMax: SHOWN_PERIODS_MAX,
    results: table.results(),
    buckets: table.buckets().map((bucket) => ({ ...bucket, name: bucketName(bucket) })),
    ...{ series, drawn },
    times: Object.fromEntries([...periodsOf(drawn)].map((period) => [period, timeOf(period)])),
    coverage: gathered.coverage,
  };
};
