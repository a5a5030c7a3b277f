import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import { openKafka } from '../../src/cli/open-kafka.ts';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import { processClock } from '../../src/cli/process-clock.ts';
import { startApplication, type Application } from '../../src/cli/run/application.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Log } from '../../src/log/log.ts';
import { departuresConfig } from '../support/departures-config.ts';
import { notedLogger } from '../support/noted-logger.ts';
import { TidecastProcess } from '../support/tidecast-process.ts';

/** Topologies with what they write; none that trains, so that a calm run decides the same. */
const WRITTEN = {
  ingest: ['observations'],
  forecasting: ['features', 'forecasts', 'scores', 'late', 'decisions'],
  monitoring: ['partials'],
  summary: ['accuracy', 'drift'],
} as const;

export type Role = keyof typeof WRITTEN;
export const ROLES: readonly Role[] = ['ingest', 'forecasting', 'monitoring', 'summary'];

/** Small, so that at each kill there is work left, and a commit never far. */
const BATCH_RECORDS_MAX = 300;

/** The least that the brokers of these tests take, so that a death is soon noticed. */
export const SESSION_MS = 1_000;
export const TRANSACTION_MS = 3_000;

/** What the brokers of these tests are started with. */
export const BROKER_PROPERTIES = {
  'group.min.session.timeout.ms': SESSION_MS,
  // Time-outs of transactions are looked for so often.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
};

export interface ApplicationOptions {
  readonly kafka: Pick<RunningKafka, 'brokers' | 'registry'>;
  /** Goes before all of its topics, that of its source included. */
  readonly name: string;
  readonly folder: string;
  readonly roles: readonly Role[];
  readonly batchRecordsMax?: number;
}

/**
 * Hourly departures on a real Kafka, under names of their own, run by real processes. Each process
 * has a disk, named by who starts it: two that live at once never share one.
 */
export class FlightsApplication {
  readonly prefix: string;
  readonly source: string;
  readonly topics: readonly string[];
  readonly changelogs: readonly string[];
  private readonly options: ApplicationOptions;

  constructor(options: ApplicationOptions) {
    this.options = options;
    this.prefix = `${options.name}.`;
    this.source = `${this.prefix}flights`;
    this.topics = [
      ...options.roles.flatMap((role) => WRITTEN[role].map((topic) => this.topic(topic))),
      ...(options.roles.includes('summary') ? [`${this.prefix}alerts`] : []),
      `${this.source}.dead-letters`,
    ];
    this.changelogs = options.roles.map(
      (topology) => `${this.prefix}${options.name}.departures.${topology}.changelog`,
    );
  }

  topic(name: string): string {
    return `${this.prefix}departures.${name}`;
  }

  stores(disk: string): string {
    return join(this.folder(disk), 'data', 'stores');
  }

  /** As a process of it opens the log and the registry. */
  async open(): Promise<OpenedLog> {
    const folder = await this.folderOf('open');
    return openKafka(loadConfig({ file: join(folder, 'tidecast.yaml'), env: {} }));
  }

  /** Appends raw events in one transaction, each to its partition. */
  async feed(log: Log, partitions: readonly (readonly string[])[]): Promise<void> {
    const { source: topic } = this;
    await log.ensureTopics([{ name: topic, partitions: partitions.length, cleanup: 'delete' }]);
    const producer = await log.producer(`${this.prefix}events`);
    const transaction = await producer.begin();
    await transaction.send(
      partitions.flatMap((events, partition) =>
        events.map((event) => ({ topic, partition, key: null, value: Buffer.from(event) })),
      ),
    );
    await transaction.commit();
    await producer.close();
  }

  /** Runs until it is stopped, or until it passes a point of `failpoints.mjs` so many times. */
  async start(disk: string, failpoint?: string): Promise<TidecastProcess> {
    const folder = await this.folderOf(disk);
    const options = failpoint === undefined ? {} : { failpoint };
    return new TidecastProcess(this.run, folder, options);
  }

  /** As `start`, within this process and on the log as it is to see it. */
  async startHere(
    disk: string,
    seen: (log: Log) => Log,
  ): Promise<Pick<Application, 'tasks' | 'stop'>> {
    const folder = await this.folderOf(disk);
    const overrides = [`data=${join(folder, 'data')}`];
    const config = loadConfig({ file: join(folder, 'tidecast.yaml'), env: {}, overrides });
    const opened = await openKafka(config, { registersSchemas: true });
    const application = await startApplication({
      config,
      opened: { ...opened, log: seen(opened.log) },
      ...{ roles: this.options.roles, clock: processClock(config), logger: notedLogger() },
      isEnding: () => false,
    });
    return {
      tasks: application.tasks,
      stop: async () => {
        await application.stop();
        await opened.close();
      },
    };
  }

  /** Runs until everything is processed. */
  async finish(disk: string): Promise<void> {
    const folder = await this.folderOf(disk);
    const { code, err } = await new TidecastProcess([...this.run, '--until-idle'], folder).ended;
    if (code !== 0) throw new Error(`the last run ended with ${code ?? '-'}: ${err}`);
  }

  /** What a new machine has. */
  async wipe(disk: string): Promise<void> {
    await rm(this.stores(disk), { recursive: true, force: true });
  }

  private get run(): readonly string[] {
    return ['run', '--register-schemas', '--roles', this.options.roles.join(',')];
  }

  private folder(disk: string): string {
    return join(this.options.folder, this.options.name, disk);
  }

  private async folderOf(disk: string): Promise<string> {
    const { kafka, name, batchRecordsMax = BATCH_RECORDS_MAX } = this.options;
    const folder = this.folder(disk);
    const config = departuresConfig({
      from: '2001-01-05',
      topic: this.source,
      hasIds: true,
      more: [
        `application: ${name}`,
        'log: kafka',
        'kafka:',
        `  brokers: [${kafka.brokers.join(', ')}]`,
        `  registry: ${kafka.registry}`,
        `  topicPrefix: ${this.prefix}`,
        `  sessionTimeoutMs: ${SESSION_MS}`,
        `  transactionTimeoutMs: ${TRANSACTION_MS}`,
        `limits: { stateFlushMs: 500, batchRecordsMax: ${batchRecordsMax} }`,
      ],
    });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'tidecast.yaml'), config);
    return folder;
  }
}
