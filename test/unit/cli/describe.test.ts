import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { describeCommand } from '../../../src/cli/describe.ts';
import type { Io } from '../../../src/cli/io.ts';
import type { Topology } from '../../../src/streams/topology.ts';

const INGEST: Topology = {
  name: 'ingest',
  stream: 'sales',
  summary: 'maps raw events',
  partitions: 4,
  sources: [{ topic: 'raw', kind: 'partitioned' }],
  stores: [],
  sinks: [{ name: 'sales.observations', partitions: 4, cleanup: 'delete' }],
  start: () => {
    throw new Error('nothing runs here');
  },
};
const SECOND: Topology = {
  ...INGEST,
  name: 'second',
  sources: [{ topic: 'sales.observations', kind: 'partitioned' }],
  sinks: [],
};

const describeWith = async (
  topologies: readonly Topology[],
  ...args: string[]
): Promise<string> => {
  let out = '';
  const write = async (text: string): Promise<void> => {
    out += text;
  };
  const output = { isTerminal: false, write };
  const io: Io = {
    out: output,
    err: output,
    env: {},
    signal: new AbortController().signal,
    ask: () => Promise.resolve(undefined),
    openLog: () => Promise.reject(new Error('no log is needed')),
  };
  const command = describeCommand(io, () => Promise.resolve(topologies)).exitOverride();
  const root = new Command().exitOverride().addCommand(command);
  command.configureOutput({ writeErr: () => undefined });
  await root.parseAsync(['describe', ...args], { from: 'user' });
  return out;
};

describe('tidecast describe', () => {
  it('prints what every topology reads, keeps and writes', async () => {
    expect(await describeWith([INGEST, SECOND])).toBe(
      [
        'sales.ingest: maps raw events',
        '  reads   raw (partitioned)',
        '  writes  sales.observations (4 partitions, delete)',
        '  writes  raw.dead-letters (4 partitions, delete)',
        '  writes  tidecast.sales.ingest.changelog (4 partitions, compact)',
        '  tasks   4',
        '',
        'sales.second: maps raw events',
        '  reads   sales.observations (partitioned)',
        '  writes  sales.observations.dead-letters (4 partitions, delete)',
        '  writes  tidecast.sales.second.changelog (4 partitions, compact)',
        '  tasks   4',
        '',
      ].join('\n'),
    );
  });

  it('draws one flowchart of all', async () => {
    const drawn = await describeWith([INGEST, SECOND], '--mermaid');
    expect(drawn.startsWith('flowchart LR\n')).toBe(true);
    expect(drawn).toContain('sales_ingest --> sales_observations([sales.observations])');
    expect(drawn).toContain('sales_observations([sales.observations]) --> sales_second');
  });

  it('prints one JSON object a topology', async () => {
    const lines = (await describeWith([INGEST, SECOND], '--json')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      [INGEST, SECOND].map(({ start: _start, ...rest }) => ({
        ...rest,
        own: [
          expect.objectContaining({ name: `${rest.sources[0]?.topic}.dead-letters` }) as unknown,
          expect.objectContaining({ name: `tidecast.sales.${rest.name}.changelog` }) as unknown,
        ],
      })),
    );
  });

  it('says what is missing, and takes one form at a time', async () => {
    await expect(describeWith([])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(describeWith([INGEST], '--json', '--mermaid')).rejects.toMatchObject({
      code: 'commander.conflictingOption',
    });
  });
});
