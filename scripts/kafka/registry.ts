import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { httpAnswers, untilAnswers } from './answers.ts';
import type { GuardedProcess } from './guarded-process.ts';
import { QUICK_START, startJava } from './java-process.ts';
import { HOST } from './ports.ts';
import { REGISTRY_VERSION } from './versions.ts';

export interface RegistryOptions {
  /** Of the unpacked application. */
  readonly application: string;
  readonly port: number;
  /** Where schemas outlive a restart, as the records that name them by id do. */
  readonly folder: string;
}

/** A schema registry that speaks Confluent's protocol. */
export class Registry {
  private readonly options: RegistryOptions;
  private process: GuardedProcess | undefined;

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  get address(): string {
    return `http://${HOST}:${this.options.port}/apis/ccompat/v7`;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  private get log(): string {
    return join(this.options.folder, 'registry.log');
  }

  async launch(): Promise<void> {
    const { application, port, folder } = this.options;
    await mkdir(folder, { recursive: true });
    this.process = startJava({
      options: [
        ...['-Xmx384m', ...QUICK_START],
        `-Dquarkus.http.host=${HOST}`,
        `-Dquarkus.http.port=${port}`,
        `-DREGISTRY_DATASOURCE_URL=jdbc:h2:file:${join(folder, 'schemas')}`,
      ],
      program: ['-jar', join(application, `apicurio-registry-app-${REGISTRY_VERSION}-runner.jar`)],
      log: this.log,
    });
  }

  async untilAnswers(): Promise<void> {
    if (this.process === undefined) throw new Error('a registry is launched before it answers');
    const started = { what: 'the schema registry', process: this.process, log: this.log };
    await untilAnswers(started, () => httpAnswers(`${this.address}/subjects`));
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.process?.kill(signal);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
  }
}
