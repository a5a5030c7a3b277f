import type { Config } from '../config/config.ts';
import { partitionOf } from '../core/murmur2.ts';
import { openSerde } from '../schemas/open-serde.ts';
import type { RetrainingRequest } from '../schemas/retraining-request.ts';
import { sharedTopics } from '../schemas/topics.ts';
import { retrainingRequestType } from '../schemas/value-types.ts';
import type { OpenedLog } from './opened-log.ts';

/** Appends a request where the training task of its model reads. */
export const appendRequest = async (
  { log, registry }: Pick<OpenedLog, 'log' | 'registry'>,
  { application, kafka }: Config,
  request: RetrainingRequest,
): Promise<void> => {
  const { topicPrefix: prefix, partitions } = kafka;
  const topic = sharedTopics({ prefix, partitions, historyMs: 0 })['retraining-requests'];
  const serde = await openSerde(registry, topic.name, retrainingRequestType);
  await log.ensureTopics([topic]);
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
};
