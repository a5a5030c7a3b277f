export type RetrainingReason =
  'schedule' | 'accuracy' | 'drift' | 'manual' | 'rollback' | 'promotion' | 'registration';

/** Whether a model is to be trained; the other reasons name one that there is. */
export const asksForTraining = (reason: RetrainingReason): boolean =>
  reason !== 'promotion' && reason !== 'rollback' && reason !== 'registration';

export interface TopicPosition {
  readonly topic: string;
  readonly partition: number;
  /** Replay up to here, exclusive. */
  readonly next: number;
}

export interface RetrainingRequest {
  readonly id: string;
  readonly model: string;
  readonly stream: string;
  readonly reason: RetrainingReason;
  /** Numbers behind it, as canonical JSON. */
  readonly evidence: string;
  readonly trainingWindow: {
    /** Epoch ms, end exclusive. */
    readonly start: number;
    readonly end: number;
    readonly offsets: readonly TopicPosition[];
  };
}
