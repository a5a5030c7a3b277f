/** What differs between runs over the flights; the rest of their configuration is the same. */
export interface DeparturesConfig {
  /** Where forecasts begin: `2001-02-05`. */
  readonly from: string;
  /** Of the raw events; `flights` where nothing else is said. */
  readonly topic?: string;
  /** The data folder. */
  readonly data?: string;
  /**
   * How long a raw partition may be silent before it no longer holds time back; by default longer
   * than the flights of these tests, so that no clock decides. `null`: the default of the product.
   */
  readonly idleAfter?: string | null;
  /** Whether events have ids by which their repetitions are known. */
  readonly hasIds?: boolean;
  /** More lines of the stream, and of the file: `monitoring: { wapePercent: 1 }`. */
  readonly stream?: readonly string[];
  readonly more?: readonly string[];
}

/**
 * Hourly departures of the flights, counted by airport, on a clock after all of them; where a model
 * is trained, the one that takes seconds.
 */
export const departuresConfig = ({
  from,
  topic = 'flights',
  data = './data',
  idleAfter = '30d',
  hasIds = false,
  stream = [],
  more = [],
}: DeparturesConfig): string => {
  const lines = [
    `source: { topic: ${topic}, series: origin, time: date${hasIds ? ', id: id' : ''} }`,
    'frequency: 1h',
    'holidays: US',
    'aggregate: count',
    'grace: 10m',
    ...(idleAfter === null ? [] : [`idleAfter: ${idleAfter}`]),
    `forecast: { from: ${from}T00:00:00Z }`,
    'model: { trainer: ridge }',
    ...stream,
  ];
  return [
    `data: ${data}`,
    'clock: { start: 2001-07-01T00:00:00Z }',
    'http: { port: 0 }',
    ...more,
    'streams:',
    '  departures:',
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');
};
