import { describe, expect, it } from 'vitest';
import { CONNECTIONS_MAX, Writers } from '../../../../src/log/kafka/writers.ts';

/** Connections that note when they are closed; the opening of some of them fails. */
const opener = (failing: readonly number[] = []) => {
  const closed: number[] = [];
  let count = 0;
  const open = async () => {
    const id = count;
    count += 1;
    if (failing.includes(id)) throw new Error(`no connection ${id}`);
    return { id, close: async () => void closed.push(id) };
  };
  return { open, closed, opened: () => count };
};

describe('the connections of producers', () => {
  it('are opened when they are needed, and then shared by turns', async () => {
    const { open, opened } = opener();
    const writers = new Writers(open);
    expect(opened()).toBe(0);
    const taken = await Promise.all(
      Array.from({ length: 2 * CONNECTIONS_MAX }, async () => (await writers.next()).id),
    );
    expect(opened()).toBe(CONNECTIONS_MAX);
    expect(taken.slice(CONNECTIONS_MAX)).toEqual(taken.slice(0, CONNECTIONS_MAX));
    expect(new Set(taken).size).toBe(CONNECTIONS_MAX);
  });

  it('are tried again when one could not be opened', async () => {
    const writers = new Writers(opener([0]).open);
    await expect(writers.next()).rejects.toThrow('no connection 0');
    const ids: number[] = [];
    for (let turn = 0; turn < CONNECTIONS_MAX; turn += 1) ids.push((await writers.next()).id);
    expect(ids).toEqual([1, 2, 3, 4]);
  });

  it('are all closed, whether or not each could be opened', async () => {
    const { open, closed } = opener([1]);
    const writers = new Writers(open);
    const settled = await Promise.allSettled([writers.next(), writers.next(), writers.next()]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await writers.close();
    expect(closed).toEqual([0, 2]);
  });
});
