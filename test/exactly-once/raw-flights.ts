import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFlights } from '../support/flight-file.ts';

const AIRPORTS = new Set(['ATL', 'ORD', 'SEA', 'BNA', 'SMF', 'HNL', 'ANC', 'BOI', 'JFK', 'TYS']);
export const PARTITIONS = 4;
/** Neighbours that go to one partition: a producer batches, and disorder stays within grace. */
const RUN = 8;
const POISON = ['no JSON', '{"date":"2001-02-01T00:00:00","origin":""}'];

/** Raw events of each partition. */
export type Slice = readonly (readonly string[])[];

/**
 * Some weeks of flights in slices that follow each other in time, each by partition: some are there
 * twice, with the same id, and the last slice has events that cannot be used.
 */
export const flightsByPartition = async (
  folder: string,
  slices: number,
): Promise<readonly Slice[]> => {
  const file = join(folder, 'flights.jsonl');
  await writeFlights(file, AIRPORTS, { toMs: Date.UTC(2001, 0, 25), repeatsOneOf: 7 });
  const lines = [...(await readFile(file, 'utf8')).trimEnd().split('\n'), ...POISON];
  const length = Math.ceil(lines.length / slices);
  return Array.from({ length: slices }, (_, slice) => {
    const events = lines.slice(slice * length, (slice + 1) * length);
    return Array.from({ length: PARTITIONS }, (_unused, partition) =>
      events.filter((_line, index) => Math.floor(index / RUN) % PARTITIONS === partition),
    );
  });
};
