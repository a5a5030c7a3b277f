import type { Holidays } from '../calendars/calendar.ts';
import type { FeatureSchema } from '../schemas/feature-schema.ts';

/** The history of one series, one value a period. */
export interface TrainingSeries {
  readonly seriesId: string;
  /** Number of the period of `values[0]`. */
  readonly firstPeriod: number;
  /** NaN where a value is missing. */
  readonly values: Float64Array;
  /** Its own zone, where that is not the feature schema's. */
  readonly timeZone?: string;
  /** The period from which on it has that zone, where it did not begin with it. */
  readonly timeZoneFrom?: number;
}

export interface TrainingInput {
  readonly featureSchema: FeatureSchema;
  readonly series: Iterable<TrainingSeries>;
  /** Of the feature schema's region and version. */
  readonly holidays?: Holidays;
  /** Targets lie in [fromPeriod, toPeriod); values before `fromPeriod` serve as history only. */
  readonly fromPeriod: number;
  readonly toPeriod: number;
  /**
   * Where all randomness comes from: the id of the request, so that the same request gives the same
   * bytes.
   */
  readonly seed: string;
  /** Called with the share done, 0..1; a heartbeat as much as a progress bar. */
  readonly onProgress?: (share: number) => void;
}

/**
 * The same model fitted on targets before `fromPeriod` alone: what it is off by from there on is
 * what the model itself will be off by, which has seen these targets.
 */
export interface HeldBack {
  readonly artifact: Uint8Array;
  readonly fromPeriod: number;
}

/** How a model did that may be a member of an average, on data that it had not seen. */
export interface CandidateScore {
  readonly name: string;
  /** What it counts for in the average; 0 for one that is no member. */
  readonly weight: number;
  /** Mean absolute error of it alone, in units of each series' scale. */
  readonly error: number;
  /** That of the average without it, or with it if it is no member; null where none is left. */
  readonly otherwise: number | null;
  /** What a forecast of all steps costs in the trainer's plain steps, microseconds of a core. */
  readonly micros: number;
}

/** What the members of an average were chosen by. */
export interface Comparison {
  /** Mean absolute error of the average, in units of each series' scale. */
  readonly error: number;
  /** Of what was held back, over all series: many that are seen at one time tell of that time. */
  readonly origins: number;
  readonly candidates: readonly CandidateScore[];
}

/** A model that a trainer made. Nothing in it depends on when or where it was trained. */
export interface Candidate {
  /** ONNX with metadata. */
  readonly artifact: Uint8Array;
  readonly sha256: string;
  readonly trainer: string;
  readonly schemaHash: string;
  readonly horizon: number;
  /** Rows (series × origins) that it learnt from. */
  readonly rows: number;
  readonly seriesCount: number;
  /** Of an average. */
  readonly members?: readonly string[];
  /** Absent where there was too little to choose them by. */
  readonly comparison?: Comparison;
  /** Where a trainer held something back. */
  readonly heldBack?: HeldBack;
}

/**
 * Makes a candidate from histories. Equal input gives an artifact of equal bytes, in whatever order
 * the series come.
 */
export interface Trainer {
  readonly name: string;
  /**
   * Rejects with a TrainingError where the histories do not suffice, and soon after `signal`
   * aborts.
   */
  train(input: TrainingInput, signal: AbortSignal): Promise<Candidate>;
}
