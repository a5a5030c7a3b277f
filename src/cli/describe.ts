import { Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { describeMermaid, describeTopology } from '../streams/describe.ts';
import type { Topology } from '../streams/topology.ts';
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
const topologyJson = ({
  stream,
  name,
  summary,
  partitions,
  sources,
  stores,
  sinks,
}: Topology): object => ({
  stream,
  name,
  summary,
  partitions,
  sources,
  stores: stores.map((store) => ({ name: store.name, version: store.version })),
  sinks,
});

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
  if (options.json === true) {
    for (const topology of topologies) await printJson(io.out, topologyJson(topology));
  } else if (options.mermaid === true) {
    await printLine(io.out, describeMermaid(topologies));
  } else {
    await printLine(io.out, topologies.map(describeTopology).join('\n\n'));
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
