import { Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { systemClock } from '../core/clock.ts';
import { describeMermaid, describeTopology } from '../streams/describe.ts';
import type { Topology } from '../streams/topology.ts';
import type { Naming } from '../streams/changelog.ts';
import { topicsOf } from '../streams/worker.ts';
import {
  configOf,
  fileOf,
  withConfig,
  withExamples,
  withJson,
  type ConfigOptions,
} from './command-options.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { liveTasks, type LiveTask } from './live-tasks.ts';
import { namingOf } from './naming.ts';
import { isoTime, printJson, printLine, printTable } from './print.ts';
import { processClock } from './process-clock.ts';
import type { PartitionCounts } from './run/described-topologies.ts';
import { withExistingLog } from './with-log.ts';

interface DescribeOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly mermaid?: boolean;
  readonly live?: boolean;
}

/** What a run of this configuration would consist of, with sources of so many partitions. */
export type TopologiesOf = (
  config: Config,
  partitions?: PartitionCounts,
) => Promise<readonly Topology[]>;

/** Everything of a topology but what it does with a batch. */
const topologyJson = (topology: Topology, naming: Naming): object => {
  const { stream, name, summary, partitions, sources, stores, sinks } = topology;
  return {
    ...{ stream, name, summary, partitions, sources },
    stores: stores.map((store) => ({ name: store.name, version: store.version })),
    sinks,
    // Beside the sinks: dead letters, and the changelog of the stores.
    own: topicsOf(naming, topology).slice(sinks.length),
  };
};

const timeOf = (timeMs: number | null): string => (timeMs === null ? '-' : isoTime(timeMs));

/** Enough of an instance to tell it from others. */
const INSTANCE_LENGTH = 8;

const ownerOf = ({ owner }: LiveTask, ownerPid: number): string => {
  if (owner === null) return '-';
  const where = owner.host === '' ? `process ${ownerPid}` : owner.host;
  return `${where} (${owner.instance.slice(0, INSTANCE_LENGTH)})`;
};

const HEADER = ['TASK', 'STATE', 'OWNER', 'API', 'LAG', 'COMMITTED', 'WATERMARK'];

/** Who works on what, and how far they have come. */
const describeLive = (
  io: Io,
  topologiesOf: TopologiesOf,
  options: DescribeOptions,
): Promise<void> => {
  const config = configOf(io, options);
  return withExistingLog(io, config, async ({ log, registry, ownerPid }) => {
    const counts = new Map(
      (await log.topics()).map(({ definition }) => [definition.name, definition.partitions]),
    );
    const topologies = await topologiesOf(config, counts);
    // Append time is the brokers' own; that of an embedded log is by the configured clock.
    const clock = config.log === 'kafka' ? systemClock : processClock(config);
    const tasks = await liveTasks({ log, registry, clock, naming: namingOf(config) }, topologies);
    if (options.json === true) {
      for (const task of tasks) await printJson(io.out, task);
      return;
    }
    const rows = tasks.map((task) => {
      const { stream, topology, partition, state, owner, lagRecords, committedAt, watermark } =
        task;
      const name = `${stream}.${topology}.${partition}`;
      const api = owner?.address ?? '';
      return [
        ...[name, state, ownerOf(task, ownerPid), api === '' ? '-' : api],
        ...[lagRecords ?? '-', timeOf(committedAt), timeOf(watermark)],
      ];
    });
    await printTable(io.out, HEADER, rows);
  });
};

const describe = async (
  io: Io,
  topologiesOf: TopologiesOf,
  options: DescribeOptions,
): Promise<void> => {
  const config = configOf(io, options);
  const topologies = await topologiesOf(config);
  if (topologies.length === 0) {
    throw new CliError(
      'NOT_FOUND',
      `there is nothing to describe: add a stream to ${fileOf(config)}`,
    );
  }
  const naming = namingOf(config);
  if (options.json === true) {
    for (const topology of topologies) await printJson(io.out, topologyJson(topology, naming));
  } else if (options.mermaid === true) {
    await printLine(io.out, describeMermaid(topologies));
  } else {
    const texts = topologies.map((topology) => describeTopology(topology, naming));
    await printLine(io.out, texts.join('\n\n'));
  }
};

/** `tidecast describe`. */
export const describeCommand = (io: Io, topologiesOf: TopologiesOf): Command =>
  withExamples(
    withJson(
      withConfig(
        new Command('describe').description('print what each stream reads, keeps and writes'),
      ),
    )
      .addOption(
        new Option(
          '--live',
          'show a running application: who works on which task, and how far it has come',
        ).conflicts('mermaid'),
      )
      .addOption(new Option('--mermaid', 'print one Mermaid flowchart').conflicts('json'))
      .action((options: DescribeOptions) =>
        options.live === true
          ? describeLive(io, topologiesOf, options)
          : describe(io, topologiesOf, options),
      ),
    'tidecast describe',
    'tidecast describe --live',
    'tidecast describe --mermaid > topologies.mmd',
  );
