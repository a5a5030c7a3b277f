import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../../src/ingestion/files/row.ts';
import { readRows } from '../../src/ingestion/files/rows.ts';
import {
  demand,
  departures,
  departuresByDay,
  longForm,
  rentals,
  rentalsWithZeros,
  type Value,
} from './long-form.ts';

/** What docs/accuracy.md names, and how each file is made of which download. */
const FILES: readonly (readonly [string, string, (rows: readonly Row[]) => readonly Value[]])[] = [
  ['flights.csv', 'us_flights_2001_hourly/departures_hourly_top60.csv', departures],
  ['flights-daily.csv', 'us_flights_2001_hourly/departures_hourly_top60.csv', departuresByDay],
  ['rentals.csv', 'bikeshare_uci/hour.csv', rentals],
  ['rentals-zeros.csv', 'bikeshare_uci/hour.csv', rentalsWithZeros],
  ['demand.csv', 'vic_elec/vic_elec_2012_2014_halfhourly.csv', demand],
];

const [data, out] = process.argv.slice(2);
if (data === undefined || out === undefined) {
  console.error('usage: npm run accuracy:prepare -- DATA_FOLDER OUT_FOLDER');
  process.exit(2);
}

mkdirSync(out, { recursive: true });
for (const [name, source, valuesOf] of FILES) {
  const rows: Row[] = [];
  for await (const batch of readRows(join(data, source))) rows.push(...batch);
  const values = valuesOf(rows);
  writeFileSync(join(out, name), longForm(values));
  console.log(`${name}: ${values.length} values`);
}
