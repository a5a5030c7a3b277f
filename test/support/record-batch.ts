import { packedBatches } from '../../src/log/kafka/packed-batches.ts';
import { sealed, type BatchOrigin } from '../../src/log/kafka/record-batch.ts';
import type { OutgoingRecord } from '../../src/log/log.ts';
import { PartitionPacker } from '../../src/log/partition-packer.ts';

const ALL = { bytes: Infinity, records: Infinity };

/** Records as one batch of a transaction, as a broker gets it. */
export const recordBatch = (records: readonly OutgoingRecord[], origin: BatchOrigin): Buffer => {
  const packer = new PartitionPacker('t', 0);
  for (const record of records) packer.add(record);
  const [batch, more] = packedBatches(packer, ALL, (bytes) => Buffer.alloc(bytes));
  if (batch === undefined || more !== undefined) throw new Error('not one batch');
  return sealed(batch, origin);
};
