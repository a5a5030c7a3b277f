import type { SourceStatus } from './task-status.ts';

/** What the engine tells of itself; telemetry implements it, tests leave it out. */
export interface TaskMetrics {
  committed(commit: {
    readonly topology: string;
    readonly partition: number;
    readonly records: number;
    readonly outputs: number;
    readonly durationMs: number;
  }): void;
  restored(restore: {
    readonly stream: string;
    readonly topology: string;
    readonly partition: number;
    readonly records: number;
    readonly durationMs: number;
  }): void;
  failed(failure: {
    readonly topology: string;
    readonly partition: number;
    readonly code: string;
  }): void;
  deadLettered(letter: {
    readonly stream: string;
    readonly topology: string;
    readonly reason: string;
  }): void;
  lag(lag: {
    readonly stream: string;
    readonly topology: string;
    readonly topic: string;
    readonly partition: number;
    /** undefined: the log does not say. */
    readonly records: number | undefined;
  }): void;
  progress(progress: Progress): void;
  /** A task is another worker's now: what was told of it is not to be told on. */
  gone(task: TaskPlace & { readonly positions: readonly SourceStatus[] }): void;
  /** Partitions of a source that no task reads, since there were fewer when the group began. */
  unassigned(source: {
    readonly stream: string;
    readonly topology: string;
    readonly topic: string;
    readonly partitions: number;
  }): void;
  tasks(tasks: {
    readonly stream: string;
    readonly topology: string;
    readonly state: string;
    readonly count: number;
  }): void;
  state(size: StateSize): void;
}

export interface TaskPlace {
  readonly stream: string;
  readonly topology: string;
  readonly partition: number;
}

/** How far a task has come; undefined: nothing can be said yet. */
export interface Progress extends TaskPlace {
  /** From the least watermark of its sources to the present of the configured clock. */
  readonly watermarkLagMs: number | undefined;
  /** Since it last committed what it had read, or the log said that there was nothing. */
  readonly commitAgeMs: number | undefined;
  /** Changelog offsets. */
  readonly restoreRemaining: number | undefined;
}

/** What a task remembers. */
export interface StateSize extends TaskPlace {
  readonly bytes: number;
}

/** What forecasting tells of its models: counts of what was committed, and of failures at once. */
export interface ForecastMetrics {
  /** How long a model took for all that it was asked for at once. */
  ran(run: { readonly durationMs: number }): void;
  /** Forecasts of a model; failure: it was asked for them in vain. */
  predicted(forecasts: {
    readonly model: string;
    readonly role: 'champion' | 'shadow';
    readonly status: 'success' | 'failure';
    readonly count: number;
  }): void;
  /** A series was forecast by a rung of the naive ladder, since no model could speak for it. */
  fellBack(fallback: {
    readonly model: string;
    readonly strategy: string;
    readonly count: number;
  }): void;
  /** Events whose period had been closed. */
  late(late: { readonly stream: string; readonly count: number }): void;
  /** Events that were known by their id, so that they do not count again. */
  repeated(repetition: { readonly stream: string; readonly count: number }): void;
}

const ignore = (): void => undefined;

export const noMetrics: TaskMetrics = {
  committed: ignore,
  restored: ignore,
  failed: ignore,
  deadLettered: ignore,
  lag: ignore,
  progress: ignore,
  gone: ignore,
  unassigned: ignore,
  tasks: ignore,
  state: ignore,
};

export const noForecastMetrics: ForecastMetrics = {
  ran: ignore,
  predicted: ignore,
  fellBack: ignore,
  late: ignore,
  repeated: ignore,
};
