import type { Topology } from './topology.ts';
import type { Naming } from './changelog.ts';
import { topicsOf } from './worker.ts';

/** What a topology reads, keeps and writes, dead letters and changelog included, for people. */
export const describeTopology = (topology: Topology, naming: Naming): string =>
  [
    `${topology.stream}.${topology.name}: ${topology.summary}`,
    ...topology.sources.map(({ topic, kind }) => `  reads   ${topic} (${kind})`),
    ...topology.stores.map((store) => `  keeps   ${store.name}@${store.version}`),
    ...topicsOf(naming, topology).map(
      ({ name, partitions, cleanup }) => `  writes  ${name} (${partitions} partitions, ${cleanup})`,
    ),
    `  tasks   ${topology.partitions}`,
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
