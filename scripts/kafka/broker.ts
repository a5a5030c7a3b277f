import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerAnswers, untilAnswers } from './answers.ts';
import type { GuardedProcess } from './guarded-process.ts';
import { classIn, QUICK_START, startJava } from './java-process.ts';
import { serverProperties, type NodePlan } from './properties.ts';
import { StarterError } from './starter-error.ts';

const LOGGING = `Configuration:
  Appenders:
    Console: { name: out, PatternLayout: { pattern: "%d %p %m%n" } }
  Loggers: { Root: { level: WARN, AppenderRef: { ref: out } } }
`;

/** For both digests that there are. */
const scramOptions = (users: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(users).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  );

export interface BrokerOptions {
  readonly jars: string;
  readonly clusterId: string;
  readonly plan: NodePlan;
  /** Users who log in by SCRAM, with their passwords. */
  readonly users: Readonly<Record<string, string>>;
  readonly isLongLived: boolean;
}

/** One node, broker and controller, with its folder; it may be ended and started again. */
export class Broker {
  private readonly options: BrokerOptions;
  private process: GuardedProcess | undefined;

  constructor(options: BrokerOptions) {
    this.options = options;
  }

  get port(): number {
    const { node, ports } = this.options.plan;
    return ports[node - 1]?.clients ?? 0;
  }

  /** Where the listeners beside the plain one are, in order. */
  get morePorts(): readonly number[] {
    const { node, ports } = this.options.plan;
    return ports[node - 1]?.more ?? [];
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  private path(name: string): string {
    return join(this.options.plan.folder, name);
  }

  private java(pace: readonly string[], program: string, ...args: string[]): GuardedProcess {
    const configuration = `-Dlog4j2.configurationFile=${this.path('log4j2.yaml')}`;
    return startJava({
      options: ['-Xmx512m', ...pace, configuration],
      program: [...classIn(this.options.jars, program), ...args],
      log: this.path('kafka.log'),
    });
  }

  /** Writes its configuration and, once, the mark of its cluster. */
  async prepare(): Promise<void> {
    const { plan, clusterId, users } = this.options;
    await mkdir(plan.folder, { recursive: true });
    await writeFile(this.path('log4j2.yaml'), LOGGING);
    const file = this.path('server.properties');
    await writeFile(file, serverProperties(plan));
    // Marked when it is done: half of it may lie there from a start that was cut short.
    if (existsSync(this.path('formatted'))) return;
    await rm(this.path('logs'), { recursive: true, force: true });
    const format = ['format', '-t', clusterId, '-c', file, ...scramOptions(users)];
    const code = await this.java(QUICK_START, 'kafka.tools.StorageTool', ...format).ended();
    if (code !== 0) {
      throw new StarterError(
        `node ${plan.node} could not be formatted: see ${this.path('kafka.log')}`,
      );
    }
    await writeFile(this.path('formatted'), '');
  }

  /** Starts the process; whether it answers is another question. */
  async launch(): Promise<void> {
    const pace = this.options.isLongLived ? [] : QUICK_START;
    this.process = this.java(pace, 'kafka.Kafka', this.path('server.properties'));
  }

  async untilAnswers(): Promise<void> {
    if (this.process === undefined) throw new Error('a broker is launched before it answers');
    const what = `Kafka, node ${this.options.plan.node},`;
    const started = { what, process: this.process, log: this.path('kafka.log') };
    await untilAnswers(started, () => brokerAnswers(this.port));
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.process?.kill(signal);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
  }
}
