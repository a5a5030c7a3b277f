import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../../../src/log/embedded/make-folder.ts';
import { TopicTable } from '../../../../src/log/embedded/topic-table.ts';
import { topic } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const FILES = { makeFolder };
const LIMITS = { segmentBytesMax: 1_000, compactedSegmentBytesMax: 1_000 };

describe('the table of topics', () => {
  it('gives no number again, whether its topic was accepted, loaded or neither', async () => {
    const folder = await temporaryFolder();
    const table = new TopicTable(folder, FILES, LIMITS);
    const accepted = table.changes([topic('a', 1), topic('b', 2)]);
    table.accept(accepted);
    expect(accepted.map(({ id }) => id)).toEqual([1, 2]);
    const refused = table.changes([topic('c', 1)]);
    const later = table.changes([topic('a', 1), topic('d', 1)]);
    expect([...refused, ...later].map(({ id }) => id)).toEqual([3, 1, 4]);
    const loaded = new TopicTable(folder, FILES, LIMITS);
    loaded.load({
      mark: { seq: 0, transaction: 0, commitFile: 1 },
      topics: later,
      ...{ ends: [], floors: [], segments: [], groupOffsets: [] },
    });
    expect(loaded.changes([topic('e', 1)]).map(({ id }) => id)).toEqual([5]);
  });
});
