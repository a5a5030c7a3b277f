import type { Topology } from './topology.ts';

/** What a topology reads, keeps and writes, for people. */
export const describeTopology = ({
  name,
  stream,
  summary,
  sources,
  stores,
  sinks,
  partitions,
}: Topology): string =>
  [
    `${stream}.${name}: ${summary}`,
    ...sources.map(({ topic, kind }) => `  reads   ${topic} (${kind})`),
    ...stores.map((store) => `  keeps   ${store.name}@${store.version}`),
    ...sinks.map(
      (sink) => `  writes  ${sink.name} (${sink.partitions} partitions, ${sink.cleanup})`,
    ),
    `  tasks   ${partitions}`,
  ].join('\n');

const node = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '_');

/** All topologies as one Mermaid graph: they meet only through topics. */
export const describeMermaid = (topologies: readonly Topology[]): string => {
  const lines = new Set<string>(['flowchart LR']);
  for (const { name, stream, sources, sinks } of topologies) {
    const task = `${node(stream)}_${node(name)}`;
    lines.add(`  ${task}[${name}]`);
    for (const { topic } of sources) lines.add(`  ${node(topic)}([${topic}]) --> ${task}`);
    for (const sink of sinks) lines.add(`  ${task} --> ${node(sink.name)}([${sink.name}])`);
  }
  return [...lines].join('\n');
};
