import type { Row } from '../../src/ingestion/files/row.ts';

/** One value of one series. */
export interface Value {
  readonly series: string;
  /** Of the local clock, or UTC where the data say so. */
  readonly time: string;
  readonly value: number;
}

const HOUR_MS = 3_600_000;
const HOURS_OF_DEPARTURES = 24;

const stamp = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;

/**
 * One row an hour with one column an airport, as `hour_local,ORD,DFW,…`; the last row is partial,
 * and left out.
 */
export const departures = (rows: readonly Row[]): readonly Value[] =>
  rows.slice(0, -1).flatMap(({ hour_local: hour, ...counts }) =>
    Object.entries(counts).map(([series, value]) => ({
      ...{ series, time: `${String(hour)}:00:00Z`, value: Number(value) },
    })),
  );

/** The same by day. */
export const departuresByDay = (rows: readonly Row[]): readonly Value[] => {
  const sums = new Map<string, Value & { readonly hours: number }>();
  for (const { series, time, value } of departures(rows)) {
    const day = `${time.slice(0, 10)}T00:00:00Z`;
    const { value: sum, hours } = sums.get(`${series} ${day}`) ?? { value: 0, hours: 0 };
    sums.set(`${series} ${day}`, { series, time: day, value: sum + value, hours: hours + 1 });
  }
  return [...sums.values()].filter(({ hours }) => hours === HOURS_OF_DEPARTURES);
};

/** `dteday` (M/D/YYYY), `hr` and `cnt`; hours without a rental are absent. */
export const rentals = (rows: readonly Row[]): readonly Value[] =>
  rows.map(({ dteday, hr, cnt }) => {
    const [month = 1, day = 1, year = 1970] = String(dteday).split('/').map(Number);
    const time = stamp(Date.UTC(year, month - 1, day, Number(hr)));
    return { series: 'DC', time, value: Number(cnt) };
  });

/** The same with the hours that are absent as zeros. */
export const rentalsWithZeros = (rows: readonly Row[]): readonly Value[] => {
  const known = rentals(rows);
  const byTime = new Map(known.map((one) => [one.time, one]));
  const [first, last] = [known[0]?.time, known.at(-1)?.time].map((time) => Date.parse(time ?? ''));
  const hours = ((last ?? 0) - (first ?? 0)) / HOUR_MS + 1;
  return Array.from({ length: hours }, (_, hour) => {
    const time = stamp((first ?? 0) + hour * HOUR_MS);
    return byTime.get(time) ?? { series: 'DC', time, value: 0 };
  });
};

/** `Time` in UTC and `Demand`. */
export const demand = (rows: readonly Row[]): readonly Value[] =>
  rows.map(({ Time, Demand }) => ({ series: 'VIC', time: String(Time), value: Number(Demand) }));

/** A table that `tidecast backtest` reads. */
export const longForm = (values: readonly Value[]): string =>
  ['series,time,value', ...values.map((one) => `${one.series},${one.time},${one.value}`), ''].join(
    '\n',
  );
