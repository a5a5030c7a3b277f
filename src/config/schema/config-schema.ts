import Type from 'typebox';
import { choice, name, section } from './keys.ts';
import { limits } from './limit-keys.ts';
import { clock, http, kafka, logging } from './process-keys.ts';
import { streams } from './stream-keys.ts';
import type { SchemaNode } from './walk.ts';

/** tidecast.yaml as JSON Schema: what validates it, types it and documents it. */
export const configSchema = section(
  {
    application: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,60}$',
      default: 'tidecast',
      description:
        'Goes before groups, changelogs and transactional ids. Another name starts over. What it ' +
        'writes for others (`models`, `alerts`, `<stream>.forecasts`) does not carry it: two ' +
        'applications on one Kafka are kept apart by `kafka.topicPrefix`.',
    }),
    log: choice(['embedded', 'kafka'], {
      default: 'embedded',
      description: 'Where records live: in the folder `data`, owned by one process, or on Kafka.',
    }),
    data: name({
      default: './data',
      description: 'Folder of the embedded log, stores and artifacts.',
    }),
    clock,
    kafka,
    http,
    logging,
    limits,
    streams,
  },
  { description: 'tidecast.yaml' },
);

/** The file with its defaults filled in, before durations are read. */
export type RawConfig = Type.Static<typeof configSchema>;

/** The same, for what walks it; typebox makes plain JSON Schema, only its types do not say so. */
export const configNode = configSchema as unknown as SchemaNode;
