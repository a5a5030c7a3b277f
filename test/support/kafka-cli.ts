import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExitCode } from '../../src/cli/errors.ts';
import { openLog } from '../../src/cli/open-log.ts';
import type { OpenedLog, OpenLog } from '../../src/cli/opened-log.ts';
import { run } from '../../src/cli/program.ts';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
import type { SchemaRegistry } from '../../src/schemas/schema-registry.ts';
import { departuresConfig } from './departures-config.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What a command did. */
export interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** A stream on brokers, with a data folder of its own. */
export interface OnKafka {
  readonly file: string;
  readonly config: Config;
  readonly registry: SchemaRegistry;
  /** Calls a command with this configuration. */
  call(...args: readonly string[]): Promise<Ended>;
  /** Opens its log, with a registry in memory that is the same at every call. */
  open(): Promise<OpenedLog>;
}

export interface OnKafkaOptions {
  readonly brokers: readonly string[];
  /** Begins every topic and is the name of the application. */
  readonly name: string;
  /** More keys of `kafka`. */
  readonly kafka?: readonly string[];
  readonly stream?: readonly string[];
  /** More keys, `path=value` each. */
  readonly set?: readonly string[];
  /** That of another worker of the same application. */
  readonly registry?: SchemaRegistry;
}

/** Calls a command in this process. */
export const called = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  open: OpenLog = openLog,
): Promise<Ended> => {
  const written = { out: '', err: '' };
  const to = (where: 'out' | 'err') => ({
    isTerminal: false,
    write: async (text: string) => {
      written[where] += text;
    },
  });
  const { signal } = new AbortController();
  const ask = () => Promise.resolve(undefined);
  const io = { out: to('out'), err: to('err'), env, signal, ask };
  const code = await run(args, { ...io, openLog: open });
  return { code, ...written };
};

/** Writes a configuration of one stream whose log is on brokers. */
export const onKafka = async (options: OnKafkaOptions): Promise<OnKafka> => {
  const { brokers, name, kafka = [], stream = [], set = [] } = options;
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  const keys = [`brokers: [${brokers.join(', ')}]`, `topicPrefix: ${name}.`, ...kafka];
  const more = [`application: ${name}`, 'log: kafka', `kafka: { ${keys.join(', ')} }`];
  const data = join(folder, 'data');
  await writeFile(file, departuresConfig({ from: '2001-01-08', data, stream, more }));
  const config = loadConfig({ file, env: {}, overrides: set });
  const { registry = new MemorySchemaRegistry() } = options;
  const open = async (): Promise<OpenedLog> => ({ ...(await openLog(config)), registry });
  return {
    ...{ file, config, registry },
    call: (...args) =>
      called([...args, '--config', file, ...set.flatMap((one) => ['--set', one])], {}, open),
    open,
  };
};
