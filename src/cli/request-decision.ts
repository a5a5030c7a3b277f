import { canonicalJson } from '../core/canonical-json.ts';
import { contentHash } from '../core/content-hash.ts';
import type { Config } from '../config/config.ts';
import type { RetrainingRequest } from '../schemas/retraining-request.ts';
import { appendRequest } from './append-request.ts';
import type { OpenedLog } from './opened-log.ts';

export interface DecisionRequest {
  readonly reason: 'promotion' | 'rollback' | 'registration';
  /** The version that is to serve, or to be taken in. */
  readonly named: {
    readonly model: string;
    readonly stream: string;
    readonly sha256: string;
    readonly version: string;
  };
  /** Who asks. */
  readonly actor: string;
  /** Why, for people. */
  readonly note: string;
  /** Epoch ms; two requests at two times are two. */
  readonly requestedAtMs: number;
}

const requestOf = ({
  reason,
  named: { model, stream, sha256, version },
  actor,
  note,
  requestedAtMs,
}: DecisionRequest): RetrainingRequest => ({
  id: contentHash([stream, model, reason, sha256, requestedAtMs]),
  model,
  stream,
  reason,
  evidence: canonicalJson({ actor, note, sha256, version }),
  trainingWindow: { start: 0, end: 0, offsets: [] },
});

/**
 * Asks about a version by a request, since only the training task writes model events: it decides
 * in the order of its partition, so that two people cannot promote two models at once.
 */
export const requestDecision = async (
  opened: OpenedLog,
  config: Config,
  wanted: DecisionRequest,
): Promise<RetrainingRequest> => {
  const request = requestOf(wanted);
  await appendRequest(opened, config, request);
  return request;
};
