import { DAY_MS } from '../core/duration.ts';
import type { TopicDefinition } from './topic.ts';

export interface TopicNaming {
  readonly prefix: string;
  readonly partitions: number;
  /** Training window + longest lag: what `observations` and `scores` must at least keep. */
  readonly historyMs: number;
}

/** A week: derived records can be made again, and peers keep as much by default. */
const DERIVED_RETENTION_MS = 7 * DAY_MS;

const perStream = ['observations', 'features', 'forecasts', 'scores', 'late', 'decisions'] as const;
const perModel = ['partials', 'accuracy', 'drift'] as const;

export type StreamTopic = (typeof perStream)[number] | (typeof perModel)[number];
export const SHARED_TOPICS = ['models', 'retraining-requests', 'alerts'] as const;

export type SharedTopic = (typeof SHARED_TOPICS)[number];

export const streamTopicName = (prefix: string, stream: string, topic: StreamTopic): string =>
  `${prefix}${stream}.${topic}`;

/** Every topic that tasks of a stream write. */
export const streamTopicNames = (prefix: string, stream: string): readonly string[] =>
  [...perStream, ...perModel].map((topic) => streamTopicName(prefix, stream, topic));

export const sharedTopicName = (prefix: string, topic: SharedTopic): string => `${prefix}${topic}`;

export const deadLetterTopicName = (topic: string): string => `${topic}.dead-letters`;

const KEPT: ReadonlySet<string> = new Set(['decisions', 'models', 'retraining-requests']);
const LONG: ReadonlySet<string> = new Set(['observations', 'scores']);

const retentionOf = (topic: StreamTopic, historyMs: number): number =>
  LONG.has(topic) ? Math.max(historyMs, DERIVED_RETENTION_MS) : DERIVED_RETENTION_MS;

/** Every topic of one stream, by its short name. */
export const streamTopics = (
  stream: string,
  { prefix, partitions, historyMs }: TopicNaming,
): Readonly<Record<StreamTopic, TopicDefinition>> => {
  const define = (topic: StreamTopic): [StreamTopic, TopicDefinition] => {
    const name = streamTopicName(prefix, stream, topic);
    return KEPT.has(topic)
      ? [topic, { name, partitions, cleanup: 'keep' }]
      : [
          topic,
          { name, partitions, cleanup: 'delete', retentionMs: retentionOf(topic, historyMs) },
        ];
  };
  // The keys are exactly the two tuples above.
  return Object.fromEntries([...perStream, ...perModel].map(define)) as Record<
    StreamTopic,
    TopicDefinition
  >;
};

/** The topics that all streams share. */
export const sharedTopics = ({
  prefix,
  partitions,
}: TopicNaming): Readonly<Record<SharedTopic, TopicDefinition>> => ({
  models: { name: sharedTopicName(prefix, 'models'), partitions: 1, cleanup: 'keep' },
  alerts: {
    name: sharedTopicName(prefix, 'alerts'),
    partitions: 1,
    cleanup: 'compact,delete',
    retentionMs: DERIVED_RETENTION_MS,
  },
  'retraining-requests': {
    name: sharedTopicName(prefix, 'retraining-requests'),
    partitions,
    cleanup: 'keep',
  },
});
