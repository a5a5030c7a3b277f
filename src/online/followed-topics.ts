import type { LogRecord } from '../log/log.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';
import type { OpenSerde, Serde, ValueType } from '../schemas/serde.ts';
import { sharedTopicName, streamTopicName } from '../schemas/topics.ts';
import * as types from '../schemas/value-types.ts';
import type { FollowedKind, FollowedRecord, FollowedValues } from './followed.ts';

/** A topic that fills the view, and how its records are read. */
export interface FollowedTopic {
  readonly topic: string;
  readonly kind: FollowedKind;
  /** Undefined: shared by all streams. */
  readonly stream: string | undefined;
  /** Undefined: a watermark, or bytes that cannot be read. A view does without them. */
  read(record: LogRecord): FollowedRecord | undefined;
  /** Fetches the schemas that these records were written with. */
  learn(records: readonly LogRecord[]): Promise<void>;
}

export interface FollowedTopicsOptions {
  readonly registry: SchemaRegistry;
  readonly openSerde: OpenSerde;
  readonly topicPrefix: string;
  readonly streams: readonly string[];
}

interface Named<K extends FollowedKind> {
  readonly topic: string;
  readonly kind: K;
  readonly stream: string | undefined;
  /** Where the record itself says its stream. */
  readonly streamOf?: (value: FollowedValues[K]) => string;
}

const followed = <K extends FollowedKind>(
  { topic, kind, stream, streamOf }: Named<K>,
  serde: Serde<FollowedValues[K]>,
): FollowedTopic => ({
  topic,
  kind,
  stream,
  read({ value, partition, offset, appendedAtMs }) {
    if (value === null) return undefined;
    const decoded = serde.decode(value);
    if (!decoded.ok) return undefined;
    const record = {
      kind,
      stream: stream ?? streamOf?.(decoded.value) ?? '',
      value: decoded.value,
      place: { topic, partition, offset, appendedAtMs },
    };
    // The serde of this kind made the value.
    return record as unknown as FollowedRecord;
  },
  learn: (records) => serde.learn(records.map(({ value }) => value)),
});

/** Everything that the view of these streams is made of. Models come first: others name them. */
export const followedTopics = async (
  options: FollowedTopicsOptions,
): Promise<readonly FollowedTopic[]> => {
  const { registry, openSerde, topicPrefix: prefix } = options;
  const open = async <K extends FollowedKind>(
    named: Named<K>,
    type: ValueType<FollowedValues[K]>,
  ): Promise<FollowedTopic> => followed(named, await openSerde(registry, named.topic, type));
  const shared = {
    models: sharedTopicName(prefix, 'models'),
    alerts: sharedTopicName(prefix, 'alerts'),
    requests: sharedTopicName(prefix, 'retraining-requests'),
  };
  const streamOf = ({ stream }: { readonly stream: string }): string => stream;
  const all: FollowedTopic[] = [
    await open(
      { topic: shared.models, kind: 'model', stream: undefined, streamOf },
      types.modelEventType,
    ),
    await open(
      { topic: shared.alerts, kind: 'alert', stream: undefined, streamOf },
      types.alertType,
    ),
    await open(
      { topic: shared.requests, kind: 'retraining-request', stream: undefined, streamOf },
      types.retrainingRequestType,
    ),
  ];
  for (const stream of options.streams) {
    const named = <K extends FollowedKind>(
      kind: K,
      topic: Parameters<typeof streamTopicName>[2],
    ) => ({
      topic: streamTopicName(prefix, stream, topic),
      kind,
      stream,
    });
    all.push(
      await open(named('decision', 'decisions'), types.decisionType),
      await open(named('accuracy', 'accuracy'), types.accuracyType),
      await open(named('drift', 'drift'), types.driftSignalType),
      await open(named('forecast', 'forecasts'), types.forecastType),
      await open(named('score', 'scores'), types.scoreType),
    );
  }
  return all;
};
