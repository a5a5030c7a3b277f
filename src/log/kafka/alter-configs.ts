import Encoder from 'kafkajs/src/protocol/encoder.js';
import type { Broker } from 'kafkajs/src/cluster/index.js';
import { WireReader } from './wire-reader.ts';
import { errorOf } from './kafka-error.ts';
import { askBroker } from './requests.ts';
import type { ConfigEntry } from './topic-configs.ts';

/** The first version, which every broker since 2.3 speaks. */
const ALTER = { apiKey: 44, apiVersion: 0, apiName: 'IncrementalAlterConfigs' } as const;
const TOPIC = 2;
const SET = 0;

/** The settings that are to be set of each topic; all others stay as they are. */
export type Alterations = ReadonlyMap<string, readonly ConfigEntry[]>;

/**
 * Body of the request. The library's own replaces all settings of a topic by those it is given.
 * @see https://kafka.apache.org/protocol#The_Messages_IncrementalAlterConfigs
 */
export const alterBody = (alterations: Alterations): Encoder => {
  const body = new Encoder().writeInt32(alterations.size);
  for (const [topic, entries] of alterations) {
    body.writeInt8(TOPIC).writeString(topic).writeInt32(entries.length);
    for (const { name, value } of entries) body.writeString(name).writeInt8(SET).writeString(value);
  }
  return body.writeBoolean(false);
};

const refuseFailed = (bytes: Buffer): null => {
  const reader = new WireReader(bytes);
  // How long to wait before the next request.
  reader.int32();
  const codes = reader.list(() => {
    const errorCode = reader.int16();
    reader.text();
    reader.int8();
    reader.text();
    return errorCode;
  });
  const failed = codes.find((code) => code !== 0);
  if (failed !== undefined) throw errorOf(failed);
  return null;
};

/** Sets what is named, and nothing else. */
export const alterConfigs = async (broker: Broker, alterations: Alterations): Promise<void> => {
  await askBroker(broker, ALTER, { encode: () => alterBody(alterations), decode: refuseFailed });
};
