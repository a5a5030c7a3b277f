import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryLog } from '../../../src/log/memory/memory-log.ts';
import type { LogReader } from '../../../src/log/log.ts';
import { offset, FIRST_OFFSET } from '../../../src/log/offset.ts';
import { ReaderShelf } from '../../../src/log/remote/reader-shelf.ts';
import { topic, until } from '../../contracts/log-harness.ts';

const WHERE = { topic: 'a', partition: 0, from: FIRST_OFFSET };

describe('the shelf of cursors', () => {
  it('keeps one where it then stands, and closes one that fails', async () => {
    const log = memoryLog({ clock: systemClock });
    await log.ensureTopics([topic('a')]);
    const closed: LogReader[] = [];
    const open = log.reader.bind(log);
    log.reader = (...where) => {
      const reader = open(...where);
      const close = reader.close.bind(reader);
      reader.close = () => {
        closed.push(reader);
        close();
      };
      return reader;
    };
    const shelf = new ReaderShelf(log);
    const used: LogReader[] = [];
    const at7 = { ...WHERE, from: offset(7) };
    await shelf.with(WHERE, async (reader) => ({ next: at7.from, used: used.push(reader) }));
    await shelf.with(at7, async (reader) => ({ next: at7.from, used: used.push(reader) }));
    expect(used[1]).toBe(used[0]);
    expect(closed).toEqual([]);
    const failure = new Error('the disk is gone');
    await expect(shelf.with(at7, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(closed).toEqual([used[0]]);
    await shelf.with(at7, async (reader) => ({ next: at7.from, used: used.push(reader) }));
    expect(used[2]).not.toBe(used[0]);
  });

  it('lets go of one that nobody asks for any more', async () => {
    const log = memoryLog({ clock: systemClock });
    await log.ensureTopics([topic('a')]);
    let closed = 0;
    const open = log.reader.bind(log);
    log.reader = (...where) => {
      const reader = open(...where);
      reader.close = () => {
        closed += 1;
      };
      return reader;
    };
    const shelf = new ReaderShelf(log, 1);
    const read = () => shelf.with(WHERE, async () => ({ next: FIRST_OFFSET }));
    await read();
    await read();
    expect(closed).toBe(0);
    await until(() => closed === 1);
    await read();
    shelf.closeAll();
    expect(closed).toBe(2);
  });
});
