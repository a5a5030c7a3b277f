import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka, type RunningKafka } from '../../scripts/kafka/start-kafka.ts';
import type { OpenedLog } from '../../src/cli/opened-log.ts';
import {
  BROKER_PROPERTIES,
  FlightsApplication,
  ROLES,
  type ApplicationOptions,
  type Role,
} from './flights-application.ts';
import { flightsByPartition, type Slice } from './raw-flights.ts';
import { leftBy, verdictOn, type Left } from './verdict.ts';

export interface GroundOptions {
  readonly brokers: 1 | 3;
  /** In how many parts the events are fed. */
  readonly slices: number;
  /** What applications run where a test does not say it; by default all, as the calm one does. */
  readonly roles?: readonly Role[];
}

/** Real brokers and a registry, raw events, and what a calm run makes of them. */
export class Ground {
  readonly kafka: RunningKafka;
  /** For what tests read and feed. */
  readonly opened: OpenedLog;
  readonly slices: readonly Slice[];
  readonly calm: Left;
  private readonly root: string;
  private readonly roles: readonly Role[];

  private constructor(
    { root, roles }: { readonly root: string; readonly roles: readonly Role[] },
    made: Pick<Ground, 'kafka' | 'opened' | 'slices' | 'calm'>,
  ) {
    this.root = root;
    this.roles = roles;
    this.kafka = made.kafka;
    this.opened = made.opened;
    this.slices = made.slices;
    this.calm = made.calm;
  }

  static async start({ brokers, slices: count, roles = ROLES }: GroundOptions): Promise<Ground> {
    const root = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const slices = await flightsByPartition(root, count);
    const kafka = await startKafka({
      ...{ brokers, folder: join(root, 'kafka'), properties: BROKER_PROPERTIES },
    });
    const calm = new FlightsApplication({ kafka, name: 'calm', folder: root, roles: ROLES });
    const opened = await calm.open();
    for (const slice of slices) await calm.feed(opened.log, slice);
    await calm.finish('disk');
    return new Ground({ root, roles }, { kafka, opened, slices, calm: await leftBy(calm, opened) });
  }

  application(
    name: string,
    {
      roles = this.roles,
      ...more
    }: Partial<Pick<ApplicationOptions, 'roles' | 'batchRecordsMax'>> = {},
  ): FlightsApplication {
    const { kafka, root: folder } = this;
    return new FlightsApplication({ ...more, kafka, name, folder, roles });
  }

  /** What is wrong with what an application made of all events, in words; undefined: nothing. */
  async verdictOn(application: FlightsApplication): Promise<string | undefined> {
    return verdictOn(application, this.opened, this.calm);
  }

  async close(): Promise<void> {
    await this.opened.close();
    await this.kafka.stop();
    await rm(this.root, { recursive: true, force: true });
  }
}
