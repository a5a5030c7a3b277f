import { describe, expect, it } from 'vitest';
import type { SeriesListResponse, StatusResponse } from '../../src/serving/responses.ts';
import { ACCURACY, listOf, STATUS } from './fixture-status.ts';
import { pageModule } from './page-module.ts';

interface Answer<T> {
  readonly value?: T;
  readonly failure?: { readonly status: number; readonly message: string };
}

type Ask = (path: string, query: Readonly<Record<string, unknown>>) => Promise<Answer<unknown>>;

interface SnapshotModule {
  readonly readSnapshot: (
    stream: string,
    ask: Ask,
  ) => Promise<{
    readonly status: Answer<StatusResponse>;
    readonly list: Answer<SeriesListResponse>;
  }>;
}

interface AdvanceModule {
  readonly advanceWatch: (nowMs: () => number) => {
    readonly note: (stream: { name: string; watermark: number | null }) => void;
    readonly isAdvancing: (stream: { name: string }) => boolean;
  };
}

const { readSnapshot } = await pageModule<SnapshotModule>('snapshot');
const { advanceWatch } = await pageModule<AdvanceModule>('advance');

const [template] = listOf('', 1, 0).series;
if (template === undefined) throw new Error('the fixture lost its series');
const manySeries = (length: number): SeriesListResponse['series'] =>
  Array.from({ length }, (_, index) => ({
    ...{ ...template, id: `S${index}` },
    // What its last forecast is old by is another matter than its data.
    stale: index === 1,
    state: index % 4 === 0 ? 'stale' : index % 4 === 1 && index > 3 ? 'dead' : 'late',
  }));

/** Answers as the API does, `total` series in pages, and says what it was asked for. */
const asking = (total: number): { ask: Ask; asked: string[] } => {
  const all = manySeries(total);
  const asked: string[] = [];
  const ask: Ask = async (path, { limit, offset }) => {
    asked.push(path);
    if (path === 'status') return { value: STATUS };
    if (path !== 'series') return { value: path === 'accuracy' ? ACCURACY : { models: [] } };
    const from = Number(offset);
    const series = all.slice(from, from + Number(limit));
    return { value: { stream: 'departures', total, series } };
  };
  return { ask, asked };
};

describe('a snapshot', () => {
  it('asks for all parts at once, before any of them is answered', async () => {
    const { ask, asked } = asking(8);
    const reading = readSnapshot('departures', ask);
    expect(asked.toSorted()).toEqual(['accuracy', 'models', 'series', 'status']);
    await reading;
  });

  it('counts the fresh series in the list, so that a tile cannot contradict it', async () => {
    const { status, list } = await readSnapshot('departures', asking(8).ask);
    const states = list.value?.series.map(({ state }) => state);
    expect(states?.toSorted()).toEqual([
      ...['dead', 'late', 'late', 'late', 'late', 'late', 'stale', 'stale'],
    ]);
    expect(status.value?.streams[0]).toMatchObject({
      ...{ seriesCount: 8, deadCount: 1, freshShare: 5 / 7 },
    });
    expect(status.value?.streams[1]).toEqual(STATUS.streams[1]);
  });

  it('reads a list of several pages whole, each series once', async () => {
    const { list } = await readSnapshot('departures', asking(1_203).ask);
    expect(new Set(list.value?.series.map(({ id }) => id)).size).toBe(1_203);
  });

  it('bounds what it reads of a large stream, and leaves its share to the status', async () => {
    const { list, status } = await readSnapshot('departures', asking(9_000).ask);
    expect(list.value?.series.length).toBe(2_000);
    expect(status.value).toEqual(STATUS);
  });

  it('hands on what could not be read', async () => {
    const failure = { status: 500, message: 'broken' };
    const { status, list } = await readSnapshot('departures', async (path) =>
      path === 'series' ? { failure } : { value: STATUS },
    );
    expect(list.failure).toEqual(failure);
    expect(status.value).toEqual(STATUS);
  });
});

describe('event time', () => {
  it('goes on while the watermark moves, and stands still some seconds after', () => {
    let now = 0;
    const { note, isAdvancing } = advanceWatch(() => now);
    const stream = { name: 'departures', watermark: 1 };
    note(stream);
    now = 9_000;
    // Two answers of one moment are no standstill.
    note(stream);
    expect(isAdvancing(stream)).toBe(true);
    note({ ...stream, watermark: 2 });
    now = 18_000;
    expect(isAdvancing(stream)).toBe(true);
    now = 19_001;
    expect(isAdvancing(stream)).toBe(false);
  });
});
