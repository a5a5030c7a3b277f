import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExitCode } from '../../src/cli/errors.ts';
import { openLog } from '../../src/cli/open-log.ts';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import { run } from '../../src/cli/program.ts';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { MemorySchemaRegistry } from '../../src/schemas/registry/memory-schema-registry.ts';
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
}

/** Calls a command in this process. */
export const called = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const written = { out: '', err: '' };
  const to = (where: 'out' | 'err') => ({
    isTerminal: false,
    write: async (text: string) => {
      written[where] += text;
    },
  });
  const io = { out: to('out'), err: to('err'), env, signal: new AbortController().signal };
  const code = await run(args, { ...io, openLog });
  return { code, ...written };
};

/** Writes a configuration of one stream whose log is on brokers. */
export const onKafka = async (options: OnKafkaOptions): Promise<OnKafka> => {
  const { brokers, name, kafka = [], stream = [] } = options;
  const folder = await temporaryFolder();
  const file = join(folder, 'tidecast.yaml');
  const keys = [`brokers: [${brokers.join(', ')}]`, `topicPrefix: ${name}.`, ...kafka];
  const more = [`application: ${name}`, 'log: kafka', `kafka: { ${keys.join(', ')} }`];
  const data = join(folder, 'data');
  await writeFile(file, departuresConfig({ from: '2001-01-08', data, stream, more }));
  const config = loadConfig({ file, env: {} });
  const registry = new MemorySchemaRegistry();
  return {
    ...{ file, config },
    call: (...args) => called([...args, '--config', file]),
    async open() {
      const clientId = config.application;
      const log = await openKafkaLog({ brokers, clientId, clock: systemClock });
      return {
        ...{ log, registry, isRemote: false, ownerPid: process.pid },
        share: () => Promise.resolve(),
        close: () => log.close(),
      };
    },
  };
};
