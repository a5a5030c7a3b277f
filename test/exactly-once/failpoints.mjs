/**
 * Loaded into a real process before it starts (`node --import`): ends it by SIGKILL at the nth pass
 * of one point. The product knows nothing of it: requests are seen where they leave, by Kafka's
 * number of what they ask for.
 */
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

const [, name = '', nth = '1'] = /^(.+)#(\d+)$/.exec(process.env['TEST_FAILPOINT'] ?? '') ?? [];

/** @see https://kafka.apache.org/protocol#protocol_api_keys */
const REQUESTS = {
  records: 0,
  'init-producer': 22,
  'add-partitions': 24,
  offsets: 28,
  end: 26,
};
const API_KEY_AT = 4;

let passed = 0;

/** Does not return where it strikes. */
const pass = (point) => {
  if (point !== name) return;
  passed += 1;
  if (passed >= Number(nth)) process.kill(process.pid, 'SIGKILL');
};

const kindOf = (bytes) => {
  if (!Buffer.isBuffer(bytes) || bytes.length < API_KEY_AT + 2) return undefined;
  const key = bytes.readInt16BE(API_KEY_AT);
  return Object.keys(REQUESTS).find((kind) => REQUESTS[kind] === key);
};

const { write } = Socket.prototype;
Socket.prototype.write = function written(bytes, ...rest) {
  const kind = kindOf(bytes);
  if (kind !== undefined) pass(`${kind}:unsent`);
  const isDrained = write.call(this, bytes, ...rest);
  // The kernel has it by now: it arrives whether this process lives or not.
  if (kind !== undefined) pass(`${kind}:sent`);
  return isDrained;
};

/** Lets the original run to its end, and ends the process before anyone hears of it. */
const after = (prototype, method, pointOf) => {
  const original = prototype[method];
  prototype[method] = async function answered(...args) {
    const result = await original.apply(this, args);
    const point = pointOf(this, result);
    if (point !== undefined) pass(point);
    return result;
  };
};

const { KafkaTransaction } = await import('../../dist/log/kafka/kafka-transaction.js');
after(KafkaTransaction.prototype, 'commit', () => 'end:answered');

const { KafkaReader } = await import('../../dist/log/kafka/kafka-reader.js');
after(KafkaReader.prototype, 'poll', ({ topic }, { records }) => {
  if (records.length === 0) return undefined;
  return topic.endsWith('.changelog') ? 'changelog:read' : 'source:read';
});

const { ClassicLevel } = createRequire(import.meta.url)('classic-level');
const { _chainedBatch: chainedBatch } = ClassicLevel.prototype;
ClassicLevel.prototype._chainedBatch = function begun() {
  const batch = chainedBatch.call(this);
  const write = batch._write.bind(batch);
  batch._write = async (...args) => {
    const writing = write(...args);
    // Another thread writes: it is somewhere within, or through.
    await Promise.race([writing, wait(0)]);
    pass('store:writing');
    return writing;
  };
  return batch;
};
