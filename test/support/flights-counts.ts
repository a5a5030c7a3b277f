import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ROOT } from './repository.ts';

const HOUR_MS = 3_600_000;
const FILE = `${ROOT}node_modules/vega-datasets/data/flights-3m.parquet`;
const FIRST_HOUR = Date.UTC(2001, 0, 1) / HOUR_MS;
/** Six stray rows lie on 1 July. */
const END_HOUR = Date.UTC(2001, 6, 1) / HOUR_MS;
const HOURS = END_HOUR - FIRST_HOUR;

/** Departures an hour of one airport; hours without one are 0. */
export interface AirportCounts {
  readonly seriesId: string;
  /** Hours since 1970. */
  readonly firstPeriod: number;
  readonly values: Float64Array;
}

/**
 * The three million real departures of vega-datasets as hourly counts, busiest airport first.
 * Counted once, then cached.
 */
export const flightsCounts = async (airports = Infinity): Promise<AirportCounts[]> => {
  const folder = join(tmpdir(), 'tidecast-test-flights');
  const cache = join(folder, `hourly-${statSync(FILE).size}.bin`);
  if (!existsSync(cache)) {
    mkdirSync(folder, { recursive: true });
    // Renamed when whole: two test files may count at once.
    writeFileSync(`${cache}.${process.pid}`, encode(await count()));
    renameSync(`${cache}.${process.pid}`, cache);
  }
  return decode(readFileSync(cache)).slice(0, airports);
};

/** Local clocks are read as UTC, as the file labels them. */
const count = async (): Promise<AirportCounts[]> => {
  const hours = new Map<string, Float64Array>();
  let dates: ArrayLike<unknown> = [];
  const file = await asyncBufferFromFile(FILE);
  const read = async (column: string, onChunk: (data: ArrayLike<unknown>, start: number) => void) =>
    parquetRead({
      file,
      compressors,
      columns: [column],
      onChunk: ({ columnData, rowStart }) => onChunk(columnData, rowStart),
    });
  const all: number[] = [];
  await read('date', (data, start) => {
    for (let row = 0; row < data.length; row += 1) all[start + row] = Number(data[row]);
  });
  dates = all;
  await read('origin', (data, start) => {
    for (let row = 0; row < data.length; row += 1) {
      const hour = Math.floor(Number(dates[start + row]) / HOUR_MS) - FIRST_HOUR;
      if (hour < 0 || hour >= HOURS) continue;
      const airport = String(data[row]);
      const values = hours.get(airport) ?? new Float64Array(HOURS);
      hours.set(airport, values);
      values[hour] = (values[hour] ?? 0) + 1;
    }
  });
  const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  return [...hours]
    .map(([seriesId, values]) => ({ seriesId, firstPeriod: FIRST_HOUR, values }))
    .sort((one, other) => total(other.values) - total(one.values));
};

const encode = (airports: readonly AirportCounts[]): Buffer =>
  Buffer.concat([
    Buffer.from(`${airports.map(({ seriesId }) => seriesId).join(',')}\n`),
    ...airports.map(({ values }) => Buffer.from(Uint16Array.from(values).buffer)),
  ]);

const decode = (bytes: Buffer): AirportCounts[] => {
  const end = bytes.indexOf('\n') + 1;
  const ids = bytes.toString('utf8', 0, end - 1).split(',');
  return ids.map((seriesId, index) => ({
    seriesId,
    firstPeriod: FIRST_HOUR,
    values: Float64Array.from({ length: HOURS }, (_, hour) =>
      bytes.readUInt16LE(end + (index * HOURS + hour) * 2),
    ),
  }));
};
