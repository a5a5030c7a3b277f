import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../../../src/log/embedded/embedded-log.ts';
import { LogIndex } from '../../../../src/log/embedded/log-index.ts';
import { appendAll, outgoing, readAll, topic } from '../../../contracts/log-harness.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const open = async (folder: string): Promise<EmbeddedLog> => {
  const log = await openEmbeddedLog({ folder, clock: systemClock });
  onTestFinished(() => log.close());
  return log;
};

const keyed = (key: string) => ({ ...outgoing('c', 0, key), key: Buffer.from(key) });

/** Lets the only partition go on at an offset that years of records would reach. */
const goOnAt = async (folder: string, end: number): Promise<void> => {
  const index = await LogIndex.open(folder);
  await index.write({ ends: [{ topicId: 1, partition: 0, record: { end, undecided: [] } }] });
  await index.close();
};

it.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32, 2 ** 40])(
  'keeps every key whose last record lies %d offsets behind the one before',
  async (gap) => {
    const folder = await temporaryFolder();
    const log = await open(folder);
    await log.ensureTopics([topic('c', 1, { cleanup: 'compact' })]);
    await appendAll(log, [keyed('old'), keyed('first')]);
    await log.close();
    await goOnAt(folder, 1 + gap);
    const later = await open(folder);
    await appendAll(later, [keyed('late'), keyed('last')]);
    await later.compact();
    const { records } = await readAll(later.reader('c', 0, (await later.offsets('c', 0)).start));
    expect(records.map(({ key, offset }) => [key?.toString(), offset])).toEqual([
      ...[
        ['old', 0],
        ['first', 1],
      ],
      ...[
        ['late', 1 + gap],
        ['last', 2 + gap],
      ],
    ]);
  },
);
