import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuardedProcess } from '../../scripts/kafka/guarded-process.ts';
import { openKafka } from '../../src/cli/open-kafka.ts';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import { streamParts, type StreamParts } from '../../src/cli/run/stream-parts.ts';
import { streamSerdes, type StreamSerdes } from '../../src/cli/run/stream-serdes.ts';
import { loadConfig } from '../../src/config/config.ts';
import { RING_PARTITIONS, RING_TOPIC, ringStreamYaml } from './ring-stream.ts';

/** The product, compiled with the benchmarks. */
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.js');

export interface RingWorkersOptions {
  /** Where each worker has its disk. */
  readonly folder: string;
  readonly brokers: readonly string[];
  readonly registry: string;
  readonly sessionTimeoutMs: number;
}

/** What a benchmark needs to feed and watch the workers. */
export interface OpenedRings extends Pick<OpenedLog, 'log' | 'close'> {
  readonly parts: StreamParts;
  readonly serdes: StreamSerdes;
}

/** Processes of the product, as a user starts them, that keep rings on one Kafka. */
export class RingWorkers {
  private readonly options: RingWorkersOptions;
  private readonly started: { readonly worker: GuardedProcess; readonly said: string }[] = [];

  constructor(options: RingWorkersOptions) {
    this.options = options;
  }

  /** Opens the same log; the topic of the source is there then, which the product never makes. */
  async open(): Promise<OpenedRings> {
    const file = join(await this.folderOf('benchmark'), 'tidecast.yaml');
    const config = loadConfig({ file, env: {} });
    const [stream] = config.streams;
    if (stream === undefined) throw new Error('a benchmark has a stream');
    const { log, registry, ...opened } = await openKafka(config, { registersSchemas: true });
    await log.ensureTopics([{ name: RING_TOPIC, partitions: RING_PARTITIONS, cleanup: 'delete' }]);
    const parts = streamParts(config, stream);
    return { log, parts, close: () => opened.close(), serdes: await streamSerdes(parts, registry) };
  }

  /** Starts a worker on a disk of that name, with what an earlier one left there. */
  async start(disk: string): Promise<GuardedProcess> {
    const folder = await this.folderOf(disk);
    const said = join(folder, 'said.log');
    const args = [MAIN, 'run', '--roles', 'forecasting', '--register-schemas'];
    const worker = new GuardedProcess({
      ...{ command: process.execPath, args, cwd: folder, log: said },
    });
    this.started.push({ worker, said });
    return worker;
  }

  /** Throws what a worker said that has ended by itself. */
  async refuseEnded(): Promise<void> {
    for (const { worker, said } of this.started) {
      // Those that were killed have no code.
      const code = worker.hasEnded ? await worker.ended() : undefined;
      if (code === undefined || code === 0) continue;
      throw new Error(`a worker ended with ${code}: ${await readFile(said, 'utf8')}`);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.started.map(({ worker }) => worker.stop()));
  }

  private async folderOf(disk: string): Promise<string> {
    const { brokers, registry, sessionTimeoutMs } = this.options;
    const folder = join(this.options.folder, disk);
    await mkdir(folder, { recursive: true });
    const yaml = ringStreamYaml([
      'log: kafka',
      'data: ./data',
      'kafka:',
      `  brokers: [${brokers.join(', ')}]`,
      `  registry: ${registry}`,
      `  partitions: ${RING_PARTITIONS}`,
      `  sessionTimeoutMs: ${sessionTimeoutMs}`,
    ]);
    await writeFile(join(folder, 'tidecast.yaml'), yaml);
    return folder;
  }
}
