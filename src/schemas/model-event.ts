interface ModelEventFields {
  readonly stream: string;
  /** The model's name. */
  readonly model: string;
  readonly version: string;
  readonly sha256: string;
  /** Who decided: `trainer`, `policy`, or a person. */
  readonly actor: string;
  readonly reason: string;
  readonly requestId: string;
  /** The gate's numbers, as canonical JSON. */
  readonly gate: string;
  /** Epoch ms by the configured clock. */
  readonly decidedAt: number;
}

/** In place of a trainer: a person registered what was made elsewhere, and no gate follows. */
export const EXTERNAL_TRAINER = 'external';

/** A candidate exists; its artifact is durable. It starts as a challenger, scored in shadow. */
export interface ModelTrained extends ModelEventFields {
  readonly type: 'ModelTrained';
  readonly trainer: string;
  readonly schemaHash: string;
  readonly horizon: number;
  /** The training window and the rows of it; 0 where nothing is known of them. */
  readonly trainedFrom: number;
  readonly trainedTo: number;
  readonly rows: number;
}

export interface ModelPromoted extends ModelEventFields {
  readonly type: 'ModelPromoted';
  /**
   * sha256 of the champion that it replaces; empty when there was none. Another champion by then:
   * void.
   */
  readonly previous: string;
  /**
   * Epoch ms: the first period boundary at which it serves; 0, where a person decided: at once,
   * from the first period that a task has open when it hears of it.
   */
  readonly effectiveFrom: number;
}

export interface ModelRejected extends ModelEventFields {
  readonly type: 'ModelRejected';
}

export interface ModelRolledBack extends ModelEventFields {
  readonly type: 'ModelRolledBack';
  /** sha256 of the champion that it replaces. */
  readonly previous: string;
}

export interface ModelArchived extends ModelEventFields {
  readonly type: 'ModelArchived';
}

export type ModelEvent =
  ModelTrained | ModelPromoted | ModelRejected | ModelRolledBack | ModelArchived;

/** A promotion or a rollback: its version becomes the champion. */
export type ChampionChange = ModelPromoted | ModelRolledBack;
