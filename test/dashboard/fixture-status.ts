import type {
  AccuracyResponse,
  SeriesListResponse,
  StatusResponse,
} from '../../src/serving/responses.ts';
import { EVENTS } from './fixture-models.ts';
import { CHAMPION, HOUR_MS, NOW, ORIGIN, type FixtureSeries } from './fixture-series.ts';

/** A series whose name tries to become a program. */
export const HOSTILE_ID = '<img src=x onerror=alert(1)>';

const AIRPORTS = 'ATL ORD DFW LAX PHX DEN DTW IAH STL MSP LAS PHL SFO CLT EWR SEA BOS MCO LGA CVG';
const SMALL = 'GUC ACV BGM CHO EKO FLO GJT HVN ILM JAN LWS MFE OAJ PIH RDD SGF TVC VCT YUM ACK';

const named = (ids: string, size: number): FixtureSeries[] =>
  ids.split(' ').map((id, index) => ({
    id,
    size: size / (1 + index * 0.18),
    hasGap: id === 'DEN',
    isStale: id === 'GUC' || id === 'OAJ',
  }));

export const FIXTURE_SERIES: readonly FixtureSeries[] = [
  ...named(AIRPORTS, 74),
  ...named(SMALL, 6),
  { id: HOSTILE_ID, size: 3, hasGap: false, isStale: false },
];

/** By id, as the API gives them. */
const BY_ID = FIXTURE_SERIES.toSorted((one, other) => (one.id < other.id ? -1 : 1));

export const listOf = (search: string, limit: number, offset: number): SeriesListResponse => {
  const found = BY_ID.filter(({ id }) => id.toLowerCase().includes(search.toLowerCase()));
  const series = found.slice(offset, offset + limit).map(({ id, size, isStale }, index) => {
    const skill = id === 'LAS' ? -0.083 : 0.24 - (index % 7) * 0.024;
    const wape = 0.09 + 0.9 / (6 + size);
    return {
      id,
      origin: ORIGIN,
      state: isStale ? ('stale' as const) : ('fresh' as const),
      stale: isStale,
      wape,
      naiveWape: wape / (1 - skill),
      skill,
      count: 3_864,
    };
  });
  return { stream: 'departures', total: found.length, series };
};

/** The same series, each of them forecast worse than by its naive. */
export const TROUBLED = 'troubled';

export const troubledList = (limit: number, offset: number): SeriesListResponse => {
  const { total, series } = listOf('', limit, offset);
  const worse = series.map((one, index) => ({ ...one, skill: -0.01 * (1 + index) }));
  return { stream: TROUBLED, total, series: worse };
};

export const ACCURACY: AccuracyResponse = {
  accuracy: [
    {
      stream: 'departures',
      model: 'departures',
      role: 'champion',
      version: CHAMPION.version,
      window: {
        kind: '7d',
        start: ORIGIN - 168 * HOUR_MS,
        end: ORIGIN + HOUR_MS,
        count: 1_093_512,
      },
      metrics: { wape: 0.1317, skill: 0.2085, bias: 0.004, mase: 0.712, coverage_80: 0.8034 },
    },
  ],
};

const TOPOLOGIES = ['ingest', 'forecasting', 'monitoring', 'summary', 'retraining'];

const tasks = TOPOLOGIES.flatMap((topology) =>
  [0, 1, 2, 3].map((partition) => ({
    topology,
    stream: 'departures',
    partition,
    state: 'RUNNING',
    commits: 18_204,
    watermark: ORIGIN + HOUR_MS,
    stateBytes: 8_000_000,
    lagRecords: 0,
    error: null,
  })),
);

const stream = {
  name: 'departures',
  isDefault: true,
  frequency: '1h',
  horizon: 24,
  levels: [80, 95],
  accuracyWindow: '7d',
  timeZone: 'UTC',
  seriesCount: FIXTURE_SERIES.length,
  deadCount: 0,
  watermark: ORIGIN + HOUR_MS,
  champion: { model: 'departures', version: CHAMPION.version },
  freshShare: 1 - 2 / FIXTURE_SERIES.length,
};

/** Nothing has been observed of this one yet. */
const empty = {
  ...stream,
  name: 'arrivals',
  isDefault: false,
  seriesCount: 0,
  watermark: null,
  champion: null,
  freshShare: null,
};

const statusAt = (now: number): StatusResponse => ({
  version: '0.1.0',
  now,
  speed: 60,
  streams: [stream, empty, { ...stream, name: TROUBLED, isDefault: false }],
  tasks,
  events: [...EVENTS],
});

export const STATUS: StatusResponse = statusAt(NOW);
