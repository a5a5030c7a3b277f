import { createRequire } from 'node:module';
import { join } from 'node:path';
import { assert } from '../core/assert.ts';
import { openParquet, type RowGroup } from './files/parquet.ts';

const require = createRequire(import.meta.url);

/** A departure as a raw event: its JSON, and the time that is in it. */
export interface FlightEvent {
  /** Epoch ms of the local clock of the airport, taken for UTC. */
  readonly eventTimeMs: number;
  /** `{"date":"2001-01-01T00:01:00","origin":"JFK","destination":…,"delay":3,"distance":99}` */
  readonly json: string;
}

export interface FlightSpan {
  /** Epoch ms; from the first flight on when it is left out. */
  readonly fromMs?: number;
  /** Epoch ms, exclusive. */
  readonly toMs?: number;
  /** Leaves out so many of the span's first events: what an interrupted run appended already. */
  readonly skip?: number;
}

/** How many events there are, and the half-open span in which all of them lie. */
export const FLIGHTS = {
  count: 2_999_994,
  fromMs: Date.UTC(2001, 0, 1),
  toMs: Date.UTC(2001, 6, 1),
} as const;

const EVENTS_PER_BATCH = 4_096;

const datasetFile = (): string =>
  join(require.resolve('vega-datasets'), '..', '..', 'data', 'flights-3m.parquet');

interface Columns {
  readonly date: ArrayLike<unknown>;
  readonly origin: ArrayLike<unknown>;
  readonly destination: ArrayLike<unknown>;
  readonly delay: ArrayLike<unknown>;
  readonly distance: ArrayLike<unknown>;
}

const columnsOf = (columns: ReadonlyMap<string, ArrayLike<unknown>>): Columns => {
  const column = (name: string): ArrayLike<unknown> => {
    const values = columns.get(name);
    assert(values !== undefined, `the flights have no column ${name}`);
    return values;
  };
  return {
    date: column('date'),
    origin: column('origin'),
    destination: column('destination'),
    delay: column('delay'),
    distance: column('distance'),
  };
};

const timeOf = ({ date }: Columns, row: number): number => {
  const value = date[row];
  assert(value instanceof Date, 'a flight has no date');
  return value.getTime();
};

/** Writes the stamp of a minute once: most flights share theirs with the one before. */
const stampWriter = (): ((timeMs: number) => string) => {
  let last = NaN;
  let stamp = '';
  return (timeMs) => {
    if (timeMs !== last) {
      last = timeMs;
      stamp = new Date(timeMs).toISOString().slice(0, 19);
    }
    return stamp;
  };
};

/** Codes of airports need no escaping, and numbers are whole. */
const jsonOf = (
  { origin, destination, delay, distance }: Columns,
  row: number,
  stamp: string,
): string =>
  `{"date":"${stamp}","origin":"${String(origin[row])}",` +
  `"destination":"${String(destination[row])}",` +
  `"delay":${String(delay[row])},"distance":${String(distance[row])}}`;

/** The first row that is not before a time; rows are in time order. */
const firstRowAt = (columns: Columns, timeMs: number): number => {
  let low = 0;
  let high = columns.date.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(columns, middle) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
};

type WriteStamp = ReturnType<typeof stampWriter>;

const eventsOf = (
  columns: Columns,
  { rowStart, rowEnd }: RowGroup,
  writeStamp: WriteStamp,
): readonly FlightEvent[] => {
  const events: FlightEvent[] = [];
  for (let row = rowStart; row < rowEnd; row += 1) {
    const eventTimeMs = timeOf(columns, row);
    events.push({ eventTimeMs, json: jsonOf(columns, row, writeStamp(eventTimeMs)) });
  }
  return events;
};

/**
 * Departures of US flights in the first half of 2001, in time order and in batches, decoded one row
 * group (some 16 days) at a time. The last six rows belong to another month and are left out.
 * @see https://www.transtats.bts.gov/
 */
export async function* flightEvents(span: FlightSpan = {}): AsyncGenerator<readonly FlightEvent[]> {
  const { fromMs = FLIGHTS.fromMs, toMs = FLIGHTS.toMs } = span;
  const parquet = await openParquet(datasetFile());
  const writeStamp = stampWriter();
  let toSkip = span.skip ?? 0;
  for (const group of parquet.groups) {
    const size = group.rowEnd - group.rowStart;
    if (fromMs <= FLIGHTS.fromMs && toSkip >= size) {
      toSkip -= size;
      continue;
    }
    const columns = columnsOf(await parquet.columns(group));
    const end = firstRowAt(columns, Math.min(toMs, FLIGHTS.toMs));
    const from = firstRowAt(columns, fromMs);
    const start = Math.min(from + toSkip, Math.max(from, end));
    toSkip -= start - from;
    for (let row = start; row < end; row += EVENTS_PER_BATCH) {
      const rows = { rowStart: row, rowEnd: Math.min(row + EVENTS_PER_BATCH, end) };
      yield eventsOf(columns, rows, writeStamp);
    }
    if (end < size) return;
  }
}
