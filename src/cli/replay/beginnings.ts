import type { Config } from '../../config/config.ts';
import type { CommitRecord } from '../../schemas/commit-record.ts';
import { openSerde } from '../../schemas/open-serde.ts';
import type { Serde } from '../../schemas/serde.ts';
import { commitRecordType } from '../../schemas/value-types.ts';
import { changelogNameOf } from '../../streams/changelog.ts';
import { partitionedSources, type Topology } from '../../streams/topology.ts';
import type { Io } from '../io.ts';
import { namingOf } from '../naming.ts';
import type { OpenedLog } from '../opened-log.ts';
import { printJson, printTable } from '../print.ts';
import { parseFrom } from '../read-topic.ts';
import type { ExaminedTopics } from '../topics/examine-topics.ts';
import { startPositions, type StartPosition } from './start-positions.ts';

/** Where one stream begins again. */
export interface Beginning {
  /** What reads its source. */
  readonly entry: Topology;
  readonly positions: readonly StartPosition[];
}

/** Of the commits of a topology. */
export const commitSerdeOf = (
  config: Config,
  { registry }: OpenedLog,
  topology: Topology,
): Promise<Serde<CommitRecord>> =>
  openSerde(registry, `${changelogNameOf(namingOf(config), topology)}.commit`, commitRecordType);

/** Of each stream what reads its source, and from where. */
export const beginningsOf = async (
  config: Config,
  { log }: OpenedLog,
  { topologies, to }: Pick<ExaminedTopics, 'topologies'> & { readonly to: string },
): Promise<readonly Beginning[]> => {
  const from = parseFrom(to, '--to');
  const beginnings: Beginning[] = [];
  for (const { name, source } of config.streams) {
    const entry = topologies.find(
      (one) => one.stream === name && partitionedSources(one).includes(source.topic),
    );
    if (entry === undefined) continue;
    beginnings.push({ entry, positions: await startPositions(log, source.topic, from) });
  }
  return beginnings;
};

/** Where a task of one partition begins in its source. */
export const positionsIn = (
  { positions }: Beginning,
  partition: number,
): readonly { readonly topic: string; readonly partition: number; readonly next: number }[] =>
  positions
    .filter((one) => one.partition === partition)
    .map(({ topic, next }) => ({ topic, partition, next }));

const HEADER = ['STREAM', 'TOPIC', 'PARTITION', 'FROM', 'START', 'END'];

export const printBeginnings = async (
  io: Io,
  beginnings: readonly Beginning[],
  json: boolean | undefined,
): Promise<void> => {
  const all = beginnings.flatMap(({ entry: { stream }, positions }) =>
    positions.map((position) => ({ stream, ...position })),
  );
  if (json === true) {
    for (const one of all) await printJson(io.out, one);
    return;
  }
  const rows = all.map(({ stream, topic, partition, next, start, end }) => [
    ...[stream, topic, partition, next, start, end],
  ]);
  await printTable(io.out, HEADER, rows);
};
