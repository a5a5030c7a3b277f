import type { ModelRef, SourceOffset } from './forecast.ts';

/**
 * From the period `effectiveFrom` on, this task forecasts with `model`; absent model: the role
 * falls vacant.
 */
export interface ModelAdopted {
  readonly type: 'ModelAdopted';
  readonly stream: string;
  readonly task: string;
  readonly role: 'champion' | 'shadow';
  readonly model: ModelRef | null;
  /** Epoch ms: the first period that is closed with it. */
  readonly effectiveFrom: number;
  readonly source: SourceOffset;
}

/** A raw partition stops holding the watermark back (or, `idle` false, does so again). */
export interface PartitionIdle {
  readonly type: 'PartitionIdle';
  readonly stream: string;
  readonly task: string;
  readonly idle: boolean;
  /** Epoch ms: the partition's watermark when it was decided. */
  readonly watermark: number;
  readonly source: SourceOffset;
}

export interface SeriesStale {
  readonly type: 'SeriesStale';
  readonly stream: string;
  readonly task: string;
  readonly seriesId: string;
  readonly state: 'stale' | 'dead' | 'alive';
  readonly lastEventTime: number;
  readonly source: SourceOffset;
}

/** The retraining task looked at the clock and found a schedule due. */
export interface ScheduleTick {
  readonly type: 'ScheduleTick';
  readonly stream: string;
  readonly task: string;
  readonly schedule: string;
  /** Epoch ms by the configured clock. */
  readonly tickAt: number;
  readonly source: SourceOffset;
}

/**
 * What needed the wall clock or another topic's timing, written down so that a replay can read it
 * back.
 */
export type Decision = ModelAdopted | PartitionIdle | SeriesStale | ScheduleTick;
