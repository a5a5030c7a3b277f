import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { demoCommand } from '../../../../src/cli/demo.ts';
import { demoConfig, LIVE_FROM_MS } from '../../../../src/cli/demo/config.ts';
import { runDemo, type RunningDemo } from '../../../../src/cli/demo/run-demo.ts';
import type { Io } from '../../../../src/cli/io.ts';
import { loadConfig, type Config } from '../../../../src/config/config.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import { openEmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import type { TransactionalProducer } from '../../../../src/log/log.ts';
import { offset } from '../../../../src/log/offset.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** What is said, and the signal by which the user stops. */
class Terminal {
  readonly abort = new AbortController();
  said = '';
  readonly io: Io = {
    out: { isTerminal: false, write: () => Promise.resolve() },
    err: {
      isTerminal: false,
      write: async (text) => {
        this.said += text;
      },
    },
    env: { TIDECAST_CONFIG: 'of-another-run.yaml' },
    signal: this.abort.signal,
    ask: () => Promise.resolve(undefined),
    openLog: () => Promise.reject(new Error('the demo opens its own')),
  };
}

/** Stands in for the application: ingests all there is at once, until so many flights are in. */
class Application {
  readonly starts: { readonly config: Config; readonly startMs: number }[] = [];
  ingested = 0;
  private readonly terminal: Terminal;
  private readonly flights: number;

  constructor(terminal: Terminal, flights: number) {
    this.terminal = terminal;
    this.flights = flights;
  }

  readonly start = async (config: Config, clock: Clock): Promise<RunningDemo> => {
    this.starts.push({ config, startMs: clock.now() });
    const log = await openEmbeddedLog({ folder: join(config.data, 'log'), clock });
    const ingest = await log.producer('ingest');
    const groupOffsets = log.groupOffsets.bind(log);
    log.groupOffsets = async (group) => {
      if (group === 'tidecast.departures.ingest') await this.ingest(log, ingest);
      return groupOffsets(group);
    };
    return {
      log,
      address: 'http://127.0.0.1:8000',
      stopped: new Promise(() => undefined),
      stop: () => log.close(),
    };
  };

  private async ingest(
    log: Awaited<ReturnType<typeof openEmbeddedLog>>,
    producer: TransactionalProducer,
  ): Promise<void> {
    const [{ offsets } = { offsets: [] }] = await log.topics();
    const transaction = await producer.begin();
    const ends = offsets.map(({ stableEnd }) => stableEnd);
    await transaction.commitOffsets(
      ends.map((end, partition) => ({
        group: 'tidecast.departures.ingest',
        topic: 'flights',
        partition,
        next: offset(end),
      })),
    );
    await transaction.commit();
    this.ingested = ends.reduce((sum, end) => sum + end, 0);
    if (this.ingested >= this.flights) this.terminal.abort.abort();
  }
}

interface Run {
  readonly fresh?: boolean;
  readonly set?: readonly string[];
  readonly flights: number;
}

const run = async (data: string, options: Run) => {
  const terminal = new Terminal();
  const application = new Application(terminal, options.flights);
  await runDemo(terminal.io, { data, ...options }, application.start);
  return { terminal, application, start: application.starts[0] };
};

describe('the demo', () => {
  it('has a configuration of its own, whatever file the environment names', () => {
    const config = demoConfig(new Terminal().io, { port: 9_000, speed: 60, data: 'x' });
    expect(config).toMatchObject({ file: undefined, http: { port: 9_000 }, clock: { speed: 60 } });
    expect(config.clock.startMs).toBe(LIVE_FROM_MS);
    const [stream] = config.streams;
    expect(stream).toMatchObject({ name: 'departures', aggregate: 'count', seasons: [24, 168] });
  });

  it('feeds the running application and stops with it, then goes on where it was', async () => {
    const data = join(await temporaryFolder(), 'demo');
    const first = await run(data, { flights: 10_000 });
    expect(first.start?.startMs).toBe(LIVE_FROM_MS);
    expect(first.terminal.said).toContain('The dashboard is at http://127.0.0.1:8000');
    expect(first.application.ingested).toBeGreaterThanOrEqual(10_000);
    const second = await run(data, { flights: first.application.ingested + 10_000 });
    expect(second.application.ingested).toBeLessThan(first.application.ingested + 20_000);
    const fresh = await run(data, { flights: 5_000, fresh: true });
    expect(fresh.application.ingested).toBeLessThan(10_000);
  });

  it('leaves its configuration for other commands, and says where', async () => {
    const data = join(await temporaryFolder(), 'demo');
    const { terminal, start } = await run(data, { flights: 1_000 });
    const file = join(data, 'tidecast.yaml');
    expect(terminal.said).toContain(`tidecast topics list -c ${file}`);
    expect(loadConfig({ file, env: {} })).toEqual({ ...start?.config, file });
  });

  it('leaves in that file what the call sets, so that other commands see the same', async () => {
    const data = join(await temporaryFolder(), 'demo: #1');
    const set = ['kafka.partitions=2', 'streams.departures.model.trainer=gbdt', 'http.port=9002'];
    const { start } = await run(data, { flights: 1, set });
    const file = join(data, 'tidecast.yaml');
    const config = loadConfig({ file, env: {} });
    expect(config).toEqual({ ...start?.config, file });
    expect(config).toMatchObject({ kafka: { partitions: 2 }, http: { port: 9_002 } });
    expect(config.streams[0]?.model.trainer).toBe('gbdt');
  });

  it('refuses a clock that it would not go by', () => {
    expect(() => demoConfig(new Terminal().io, { set: ['clock.start=now'] })).toThrow(
      'clock.start cannot be set: the demo begins at 2001-05-29T00:00:00Z',
    );
  });

  it('stops the application when it cannot feed it', async () => {
    const data = await temporaryFolder();
    const terminal = new Terminal();
    let isStopped = false;
    const start = async (config: Config, clock: Clock): Promise<RunningDemo> => {
      const log = await openEmbeddedLog({ folder: join(config.data, 'log'), clock });
      await log.ensureTopics([{ name: 'flights', partitions: 3, cleanup: 'delete' }]);
      return {
        log,
        address: '',
        stopped: new Promise(() => undefined),
        stop: async () => {
          isStopped = true;
          await log.close();
        },
      };
    };
    await expect(runDemo(terminal.io, { data }, start)).rejects.toMatchObject({
      code: 'LOG_TOPIC_MISMATCH',
    });
    expect(isStopped).toBe(true);
  });

  it.each([
    ['photographs', ['cat.jpg']],
    ['another run', ['log', 'stores']],
  ])('touches no folder with %s in it', async (_what, names) => {
    const data = await temporaryFolder();
    for (const name of names) {
      if (name.includes('.')) await writeFile(join(data, name), 'x');
      else await mkdir(join(data, name));
    }
    for (const fresh of [true, false]) {
      await expect(run(data, { flights: 1, fresh })).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining("holds something else than the demo's data") as unknown,
      });
    }
    expect((await readdir(data)).sort()).toEqual(names);
  });

  it('removes nothing below a demo that runs, and names its process', async () => {
    const data = join(await temporaryFolder(), 'demo');
    await run(data, { flights: 1 });
    const log = await openEmbeddedLog({
      folder: join(data, 'log'),
      clock: { now: () => 0, monotonic: () => 0 },
    });
    for (const fresh of [true, false]) {
      await expect(run(data, { flights: 1, fresh })).rejects.toMatchObject({
        code: 'LOG_LOCKED',
        message: expect.stringContaining(`process ${process.pid}`) as unknown,
      });
    }
    expect(await log.topics()).toHaveLength(1);
    await log.close();
  });

  it('takes its options from the call', async () => {
    const data = join(await temporaryFolder(), 'demo');
    const terminal = new Terminal();
    const application = new Application(terminal, 1);
    const root = new Command().addCommand(demoCommand(terminal.io, application.start));
    const args = ['demo', '--data', data, '--speed', '60', '--port', '9001', '--fresh'];
    await root.parseAsync(args, { from: 'user' });
    const [start] = application.starts;
    expect(start?.config).toMatchObject({ data, http: { port: 9_001 }, clock: { speed: 60 } });
  });
});
