import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { flightEvents, type FlightSpan } from '../../src/ingestion/flights.ts';

export interface FlightFile {
  readonly events: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

const identified = (json: string, id: number, repeatsOneOf: number): readonly string[] => {
  const line = json.replace(/[}]$/, `,"id":${id}}`);
  return id % repeatsOneOf === 0 ? [line, line] : [line];
};

export interface FlightFileSpan extends FlightSpan {
  /** Each event has an `id`, and one of so many is there twice, the second time after the first. */
  readonly repeatsOneOf?: number;
}

/** Writes the departures of some airports as JSON lines, in time order. */
export const writeFlights = async (
  file: string,
  airports: ReadonlySet<string>,
  { repeatsOneOf, ...span }: FlightFileSpan,
): Promise<FlightFile> => {
  const out = createWriteStream(file);
  let events = 0;
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  for await (const batch of flightEvents(span)) {
    const chosen = batch.filter(({ json }) =>
      airports.has(/"origin":"([^"]+)"/.exec(json)?.[1] ?? ''),
    );
    if (chosen.length === 0) continue;
    const lines = chosen.flatMap(({ json }, index) =>
      repeatsOneOf === undefined ? [json] : identified(json, events + index, repeatsOneOf),
    );
    events += chosen.length;
    if (Number.isNaN(firstMs)) firstMs = chosen[0]?.eventTimeMs ?? Number.NaN;
    lastMs = chosen.at(-1)?.eventTimeMs ?? lastMs;
    if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return { events, firstMs, lastMs };
};
