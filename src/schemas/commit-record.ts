/** Where a task goes on reading one partition of one source. */
export interface SourcePosition {
  readonly topic: string;
  readonly partition: number;
  /** Resume here. */
  readonly next: number;
}

/** What a task has heard of one member of its source set. */
export interface SourceWatermark {
  readonly topic: string;
  readonly partition: number;
  /** Epoch ms; null: nothing said yet. */
  readonly watermark: number | null;
  readonly idle: boolean;
  /** Idle since before all were: it counts until it speaks again. */
  readonly asleep: boolean;
  /** The source set: `<epoch>;<topic>/<partition>,…`. */
  readonly sources: string;
  /** Epoch ms: the least over the set so far; null: nothing is complete. */
  readonly reached: number | null;
}

/** Up to where a task had read, written in the transaction of what it read. */
export interface CommitRecord {
  /** 1 for the first commit of a task, then one more each. */
  readonly seq: number;
  readonly positions: readonly SourcePosition[];
  readonly watermarks: readonly SourceWatermark[];
  /** What the periods are that its state numbers, as `1h`; empty: it numbers none. */
  readonly frequency: string;
}
