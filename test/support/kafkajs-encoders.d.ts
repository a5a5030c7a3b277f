// The library's own encoders, with which ours are compared.

declare module 'kafkajs/src/protocol/recordBatch/record/v0/index.js' {
  import type Encoder from 'kafkajs/src/protocol/encoder.js';

  const record: (fields: {
    readonly offsetDelta: number;
    readonly timestampDelta: number;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, string>> | undefined;
  }) => Encoder;
  export default record;
}

declare module 'kafkajs/src/protocol/recordBatch/v0/index.js' {
  import type Encoder from 'kafkajs/src/protocol/encoder.js';

  const batches: {
    RecordBatch(fields: {
      readonly records: readonly Encoder[];
      readonly firstTimestamp: number;
      readonly maxTimestamp: number;
      readonly producerId: number;
      readonly producerEpoch: number;
      readonly firstSequence: number;
      readonly transactional: boolean;
      readonly lastOffsetDelta: number;
    }): Promise<{ readonly buffer: Buffer }>;
  };
  export default batches;
}
