import type { Pace } from '../latency.bench.ts';
import type { SelfTime } from './room-profile.ts';
import type { Figure, Goal } from './figure.ts';
import type { JobResult } from './job.ts';
import { loopMeasurement } from './loop-measurement.ts';
import type { Measurement } from './measurement.ts';

const EVENTS_GOAL: Goal = { atLeast: 200_000 };
const SLOTS_GOAL: Goal = { atLeast: 2_000_000 };
const WHOLE_GOALS = { cpuMicros: { atMost: 25 }, bytesWritten: { atMost: 3_000 } };
const LATENCY_GOAL: Goal = { atMost: 150 };

const MIB = 2 ** 20;

/** The results of one type. */
const only = <T extends JobResult['type']>(
  results: readonly JobResult[],
  type: T,
): readonly Extract<JobResult, { type: T }>[] =>
  results.filter((result): result is Extract<JobResult, { type: T }> => result.type === type);

const ingest: Measurement = {
  name: 'ingest',
  summary: 'raw JSON events to observations',
  jobs: (isShort) =>
    isShort
      ? [{ type: 'ingest', events: 100_000 }]
      : [
          { type: 'ingest', events: 1_000_000 },
          { type: 'ingest', events: 1_000_000 },
        ],
  figures: (results) => {
    const [best] = [...only(results, 'ingest')].sort(
      (one, other) => one.cpuMicros - other.cpuMicros,
    );
    if (best === undefined) return [];
    return [
      { name: 'rate', value: best.eventsPerSecond, unit: 'events/s', goal: EVENTS_GOAL },
      { name: 'CPU', value: best.cpuMicros, unit: 'µs an event' },
      { name: 'written', value: best.bytesWritten, unit: 'B an event' },
    ];
  },
};

const restore: Measurement = {
  name: 'restore',
  summary: 'rings from the changelog, without a store: a slot is one period of one series',
  jobs: (isShort) => [{ type: 'restore', series: isShort ? 5_000 : 50_000 }],
  figures: (results) =>
    only(results, 'restore').flatMap((result) =>
      (['written', 'compacted'] as const).flatMap((state): readonly Figure[] => {
        const found = result[state];
        if (found === undefined) return [];
        const { slotsPerSecond, changelogBytes, ms } = found;
        const name = state === 'written' ? 'as the run wrote it' : 'compacted';
        return [
          { name: `${name}: rate`, value: slotsPerSecond, unit: 'slots/s', goal: SLOTS_GOAL },
          { name: `${name}: time`, value: ms, unit: `ms for ${result.slots} slots` },
          { name: `${name}: changelog`, value: changelogBytes / MIB, unit: 'MiB' },
        ];
      }),
    ),
};

const paceFigures = (pace: Pace): readonly Figure[] => {
  const { ratePerSecond, reachedPerSecond, isSteady, p50Ms, p99Ms } = pace;
  const name = `at ${ratePerSecond.toLocaleString('en-US')}/s`;
  const note = isSteady ? {} : { note: `fell behind: ${reachedPerSecond}/s` };
  return [
    { name: `${name}: p50`, value: p50Ms, unit: 'ms', ...note },
    { name: `${name}: p99`, value: p99Ms, unit: 'ms', goal: LATENCY_GOAL, ...note },
  ];
};

const latency: Measurement = {
  name: 'latency',
  summary: 'from the moment an observation is due to its forecast seen by a committed reader',
  jobs: (isShort) => [
    isShort
      ? { type: 'latency', series: 1_000, backlog: 40_000, ratePerSecond: 5_000, measuredMs: 5_000 }
      : {
          ...{ type: 'latency', series: 10_000, backlog: 100_000 },
          // Longer than a store may take to follow its log.
          ...{ ratePerSecond: 5_000, measuredMs: 40_000 },
        },
  ],
  figures: (results) =>
    only(results, 'latency').flatMap(({ maxPerSecond, paces }): readonly Figure[] => [
      { name: 'greatest rate', value: maxPerSecond, unit: 'forecasts/s' },
      ...paces.flatMap(paceFigures),
    ]),
};

const times =
  (unit: string) =>
  ({ name, micros }: SelfTime): Figure => ({ name, value: micros, unit });

const profile: Measurement = {
  name: 'profile',
  summary: "self time of the whole loop with the product's own model, by room and by function",
  jobs: (isShort) => [
    { type: 'profile', work: 'own', series: 10_000, observations: isShort ? 20_000 : 100_000 },
  ],
  figures: (results) =>
    only(results, 'profile').flatMap(({ rooms, functions }) => [
      ...rooms.map(times('µs an observation')),
      ...functions.map(times('µs an observation, function')),
    ]),
};

/** All that the benchmark measures, in order. */
export const MEASUREMENTS: readonly Measurement[] = [
  loopMeasurement({
    name: 'peer',
    summary: 'the work by which peers are measured: features, forecast, first step scored',
    work: 'peer',
    goals: { cpuMicros: { atMost: 12 } },
  }),
  loopMeasurement({
    name: 'whole',
    summary: 'the whole loop, 30 features: published, each step scored, calibrated, monitored',
    work: 'whole',
    goals: WHOLE_GOALS,
  }),
  loopMeasurement({
    name: 'own',
    summary: "the whole loop with the product's own model, which reads many more features",
    work: 'own',
    goals: WHOLE_GOALS,
  }),
  ingest,
  restore,
  latency,
  profile,
];
