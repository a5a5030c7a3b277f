export type DriftState = 'suspected' | 'confirmed' | 'cleared';

export interface SampleSummary {
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly mean: number;
}

export interface DriftSignal {
  /** A series as `series:<id>`, or `model` for a global incident. */
  readonly scope: string;
  readonly stream: string;
  readonly model: string;
  readonly detector: string;
  readonly statistic: number;
  readonly pValue: number;
  readonly correctedPValue: number;
  readonly effectSize: number;
  readonly reference: SampleSummary;
  readonly recent: SampleSummary;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly episodeId: string;
  readonly state: DriftState;
}
