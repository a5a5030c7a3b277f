import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parseInstant } from '../core/instant.ts';
import { incoherences, kafkaProblems, registryProblems, tokenProblems } from './coherence.ts';
import { processEnvironment } from './environment.ts';
import { ConfigError } from './errors.ts';
import { frozen, type Frozen } from './frozen.ts';
import { notInEffect } from './not-in-effect.ts';
import { environmentOverrides, flagOverrides, type Override } from './overrides.ts';
import { setIn, type PlainMap } from './plain-map.ts';
import { problemsOf, type Problem } from './problems.ts';
import { configNode, configSchema, type RawConfig } from './schema/config-schema.ts';
import { FORMATS } from './schema/formats.ts';
import { streamConfig, type StreamConfig } from './stream-config.ts';
import { parseYamlFile, readYamlFile, type YamlFile } from './yaml-file.ts';

export const DEFAULT_FILE = 'tidecast.yaml';

export type Limits = Frozen<RawConfig['limits']>;
export type KafkaConfig = Frozen<RawConfig['kafka']>;
export type HttpConfig = Frozen<RawConfig['http']>;
export type LogLevel = RawConfig['logging']['level'];

/** Everything that a process may be told, decided once at its start. */
export interface Config {
  /** The file that was read, if there was one. */
  readonly file: string | undefined;
  readonly application: string;
  readonly log: 'embedded' | 'kafka';
  /** Absolute path of the folder of the embedded log, stores and artifacts. */
  readonly data: string;
  /** `startMs` undefined: now. */
  readonly clock: { readonly startMs: number | undefined; readonly speed: number };
  readonly kafka: KafkaConfig;
  readonly http: HttpConfig;
  readonly logging: { readonly level: LogLevel };
  readonly limits: Limits;
  /** Keys that are set and on which nothing acts yet, with where: `http.port (tidecast.yaml:3)`. */
  readonly notInEffect: readonly string[];
  /** In the order of the file. */
  readonly streams: readonly StreamConfig[];
}

export interface LoadOptions {
  /** Must exist when named; else `TIDECAST_CONFIG`, else ./tidecast.yaml where there is one. */
  readonly file?: string | undefined;
  /** YAML that stands in for the file when there is none: what the demo brings along. */
  readonly builtIn?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `path=value` each; they win over the environment, which wins over the file. */
  readonly overrides?: readonly string[];
}

const AJV_OPTIONS = { allErrors: true, useDefaults: true, verbose: true, strict: false } as const;

const compile = (): ValidateFunction => {
  const ajv = new Ajv(AJV_OPTIONS);
  for (const [name, judge] of Object.entries(FORMATS)) {
    ajv.addFormat(name, (value) => judge(value) === undefined);
  }
  ajv.addFormat('uri', (value) => URL.canParse(value));
  return ajv.compile(configSchema);
};

let validate: ValidateFunction | undefined;

const fileOf = ({ file, builtIn, env }: LoadOptions): string | undefined =>
  file ??
  env?.['TIDECAST_CONFIG'] ??
  (builtIn === undefined && existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);

/** A key, and where it came from, for messages. */
const placeIn =
  (source: YamlFile, overrides: readonly Override[]) =>
  (path: readonly string[]): string => {
    const key = path.join('.');
    const override = overrides.findLast((one) => key.startsWith(one.path.join('.')));
    const place = override?.origin ?? source.placeOf(path);
    return place === undefined ? key : `${key} (${place})`;
  };

const refuse = (problems: readonly Problem[], describe: (problem: Problem) => string): void => {
  if (problems.length === 0) return;
  const lines = problems.map(describe);
  throw new ConfigError(['the configuration cannot be used:', ...lines].join('\n'));
};

/** Marks the stream that a call without a name means: the only one, or the one that says so. */
const withDefault = (
  streams: readonly Omit<StreamConfig, 'isDefault'>[],
  raw: RawConfig['streams'],
): readonly StreamConfig[] =>
  streams.map((stream) => ({
    ...stream,
    isDefault: streams.length === 1 || (raw[stream.name]?.default ?? false),
  }));

const defaultsTwice = (streams: readonly StreamConfig[]): readonly Problem[] =>
  streams
    .filter(({ isDefault }) => isDefault)
    .slice(1)
    .map(({ name }) => ({
      path: ['streams', name, 'default'],
      message: 'another stream is the default already: only one can be',
    }));

const clockOf = ({ start, speed }: RawConfig['clock']): Config['clock'] => ({
  startMs: start === 'now' ? undefined : parseInstant(start),
  speed,
});

const validated = (data: PlainMap, describe: (problem: Problem) => string): RawConfig => {
  validate ??= compile();
  if (!validate(data)) refuse(problemsOf(validate.errors ?? []), describe);
  // The schema that RawConfig is derived from has just accepted it and filled in its defaults.
  return data as unknown as RawConfig;
};

/**
 * Reads and checks everything that a process may be told: file, then `TIDECAST_…` variables, then
 * flags. Throws ConfigError (`CONFIG_INVALID`) that names each wrong key and what to write.
 */
export const loadConfig = (options: LoadOptions = {}): Config => {
  const env = options.env ?? processEnvironment();
  const file = fileOf({ ...options, env });
  const source =
    file === undefined ? parseYamlFile(options.builtIn ?? '', 'built-in') : readYamlFile(file);
  const overrides = [
    ...environmentOverrides(env, configNode, source.data),
    ...flagOverrides(options.overrides ?? [], configNode),
  ];
  for (const { path, value } of overrides) setIn(source.data, path, value);
  const placed = placeIn(source, overrides);
  const describe = ({ path, message }: Problem): string => `  ${placed(path)}: ${message}`;
  // Before the defaults are there, which ask for nothing.
  const idle = notInEffect(configNode, source.data).map(placed);
  const raw = validated(source.data, describe);
  const bare = Object.entries(raw.streams).map(([name, stream]) => streamConfig(name, stream));
  const streams = withDefault(bare, raw.streams);
  const found = incoherences(bare, raw.kafka.topicPrefix);
  const kafka = [...kafkaProblems(raw.kafka), ...registryProblems(raw.kafka)];
  const said = [...kafka, ...tokenProblems(raw.http)];
  refuse([...said, ...found, ...defaultsTwice(streams)], describe);
  return frozen({
    ...raw,
    file,
    data: resolve(raw.data),
    clock: clockOf(raw.clock),
    notInEffect: idle,
    streams,
  });
};
