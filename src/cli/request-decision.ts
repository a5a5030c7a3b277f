import { canonicalJson } from '../core/canonical-json.ts';
import { contentHash } from '../core/content-hash.ts';
import { partitionOf } from '../core/murmur2.ts';
import type { Config } from '../config/config.ts';
import { openSerde } from '../schemas/open-serde.ts';
import type { RetrainingRequest } from '../schemas/retraining-request.ts';
import { sharedTopics } from '../schemas/topics.ts';
import { retrainingRequestType } from '../schemas/value-types.ts';
import type { ModelVersion } from '../registry/model-fold.ts';
import type { OpenedLog } from './opened-log.ts';

export interface DecisionRequest {
  readonly reason: 'promotion' | 'rollback';
  readonly version: ModelVersion;
  /** Who asks. */
  readonly actor: string;
  /** Why, for people. */
  readonly note: string;
  /** Epoch ms; two requests at two times are two. */
  readonly requestedAtMs: number;
}

const requestOf = ({
  reason,
  version,
  actor,
  note,
  requestedAtMs,
}: DecisionRequest): RetrainingRequest => {
  const { model, stream, sha256, version: name } = version.trained;
  return {
    id: contentHash([stream, model, reason, sha256, requestedAtMs]),
    model,
    stream,
    reason,
    evidence: canonicalJson({ actor, note, sha256, version: name }),
    trainingWindow: { start: 0, end: 0, offsets: [] },
  };
};

/**
 * Asks for a champion by a request, since only the training task writes model events: it decides in
 * the order of its partition, so that two people cannot promote two models at once.
 */
export const requestDecision = async (
  { log, registry }: OpenedLog,
  { application, kafka }: Config,
  wanted: DecisionRequest,
): Promise<RetrainingRequest> => {
  const { topicPrefix: prefix, partitions } = kafka;
  const topic = sharedTopics({ prefix, partitions, historyMs: 0 })['retraining-requests'];
  await log.ensureTopics([topic]);
  const serde = await openSerde(registry, topic.name, retrainingRequestType);
  const request = requestOf(wanted);
  const key = Buffer.from(request.model);
  const producer = await log.producer(`${application}.decisions.${request.id}`);
  try {
    const transaction = await producer.begin();
    const partition = partitionOf(key, topic.partitions);
    const value = serde.encode(request);
    await transaction.send([{ topic: topic.name, partition, key, value }]);
    await transaction.commit();
  } finally {
    await producer.close();
  }
  return request;
};
