/** Values that are kept of each series: more than the features look back. */
export const RING_PERIODS = 64;
export const RING_PARTITIONS = 4;
export const RING_TOPIC = 'measured';

/**
 * A stream whose tasks keep rings and nothing else: forecasts begin far in the future. `more`:
 * lines of the file beside it.
 */
export const ringStreamYaml = (more: readonly string[] = []): string => `
application: bench
${more.join('\n')}
streams:
  s:
    source: { topic: ${RING_TOPIC}, keyed: true, series: seriesId, time: eventTime }
    frequency: 1h
    aggregate: none
    seasons: [2]
    ringPeriods: ${RING_PERIODS}
    forecast: { horizon: 1, from: 2099-01-01T00:00:00Z }
    features: { lags: [1], rolling: { windows: [] }, calendar: [] }
`;
