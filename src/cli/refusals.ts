import { MAPPING_REASONS } from '../ingestion/mapping-reason.ts';
import { DECODE_REASONS } from '../schemas/open-serde.ts';

/** Why topologies refuse records: what `reason` of a dead letter may be. */
export const REFUSALS: readonly string[] = [
  ...new Set([...MAPPING_REASONS, ...DECODE_REASONS, 'KEY_NOT_UTF8', 'PROCESSING_FAILED']),
];
