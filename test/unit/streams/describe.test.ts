import { describe, expect, it } from 'vitest';
import { describeMermaid, describeTopology } from '../../../src/streams/describe.ts';
import { tally } from '../../support/tally-topology.ts';

describe('a topology', () => {
  it('describes itself for people', () => {
    expect(
      describeTopology(tally(4), { application: 'app', topicPrefix: 'p.' }).split('\n'),
    ).toEqual([
      'shop.tally: counts and adds up amounts by key',
      '  reads   events (partitioned)',
      '  reads   settings (broadcast)',
      '  keeps   sums@1',
      '  keeps   counts@1',
      '  keeps   untold@1',
      '  keeps   settings@1',
      '  writes  shop.tallies (4 partitions, keep)',
      '  writes  shop.totals (4 partitions, keep)',
      '  writes  events.dead-letters (4 partitions, delete)',
      '  writes  p.app.shop.tally.changelog (4 partitions, compact)',
      '  tasks   4',
    ]);
  });

  it('is drawn with the topics through which it meets others, each line once', () => {
    expect(describeMermaid([tally(1), tally(1)]).split('\n')).toEqual([
      'flowchart LR',
      '  shop_tally[tally]',
      '  events([events]) --> shop_tally',
      '  settings([settings]) --> shop_tally',
      '  shop_tally --> shop_tallies([shop.tallies])',
      '  shop_tally --> shop_totals([shop.totals])',
    ]);
  });
});
