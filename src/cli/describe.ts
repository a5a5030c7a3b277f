import { Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { describeMermaid, describeTopology } from '../streams/describe.ts';
import type { Topology } from '../streams/topology.ts';
import { topicsOf, type Naming } from '../streams/worker.ts';
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
import { printJson, printLine } from './print.ts';

interface DescribeOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly mermaid?: boolean;
}

/** What a run of this configuration would consist of. */
export type TopologiesOf = (config: Config) => Promise<readonly Topology[]>;

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
  const naming = {
    application: config.application,
    topicPrefix: config.kafka.topicPrefix,
  };
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
      .addOption(new Option('--mermaid', 'print one Mermaid flowchart').conflicts('json'))
      .action((options: DescribeOptions) => describe(io, topologiesOf, options)),
    'tidecast describe',
    'tidecast describe --mermaid > topologies.mmd',
  );
