import Type from 'typebox';
import { AGGREGATION_KINDS } from '../../features/aggregation.ts';
import { choice, count, name, section, text } from './keys.ts';
import { features, forecast, model } from './forecast-keys.ts';
import { batch, monitoring, retraining } from './quality-keys.ts';

const attributes = Type.Union(
  [
    Type.Array(name({ description: 'A path.' })),
    Type.Record(Type.String(), name({ description: 'A path.' })),
  ],
  {
    default: [],
    description:
      'Fields that become attributes: a list of paths (the last part names it), or `name: path`.',
  },
);

const source = section(
  {
    topic: Type.String({
      pattern: '^[A-Za-z0-9._-]{1,200}$',
      description:
        'The topic of raw events. It must exist on Kafka; nothing is put before its name.',
    }),
    format: choice(['json', 'avro'], {
      default: 'json',
      description:
        'How values are written: JSON objects, or Avro in the wire format of a registry, where ' +
        'decimals are numbers, dates and timestamps of any unit times, and longs beyond 2^53 text.',
    }),
    series: name({
      description: 'Path of the field that names the series, with dots: `store.id`.',
    }),
    time: name({
      description: 'Path of the event time: ISO 8601, or a number of epoch milliseconds.',
    }),
    value: Type.Optional(
      name({
        description:
          'Path of the value, a number or null. Bounds of intervals and naive forecasts keep 7 ' +
          'digits and end at 3.4e38, so where values spread by less than a millionth of their ' +
          'level, subtract a base from them or choose another unit.',
        otherwise: 'none, which only `aggregate: count` allows',
      }),
    ),
    id: Type.Optional(
      name({
        description:
          'Path of an id: what a series sends again while its period is open, by whatever ' +
          'partition, counts once. `aggregate: none` needs none.',
        otherwise: 'events are never taken for repetitions',
      }),
    ),
    keyed: Type.Boolean({
      default: false,
      description:
        'The topic already holds observations keyed by series, in their Avro schema: no ingest.',
    }),
    timeZone: text('time-zone', {
      default: 'UTC',
      description:
        'Where stamps without a zone are read; those of an hour that comes twice, as the first ' +
        'time: producers write the offset where that matters.',
    }),
    attributes,
  },
  { description: 'Where raw events come from and how they are read.' },
);

const timeZone = Type.Union(
  [
    text('time-zone', { description: 'An IANA name.' }),
    section(
      { attribute: name({ description: 'The attribute that holds an IANA name.' }) },
      { description: 'A zone for each series.' },
    ),
  ],
  {
    default: 'UTC',
    description:
      'Local clock of the series: an IANA name, or `{ attribute: tz }` for one each; the API ' +
      'then says targets of days and weeks in steps of equal length, an hour off behind a change ' +
      'of the clocks.',
  },
);

/** The keys of one stream. */
const stream = section(
  {
    default: Type.Boolean({
      default: false,
      description: 'Whether a call that names no stream means this one; a single stream is it.',
    }),
    source,
    frequency: text('frequency', {
      description: 'Length of a period: a part of a day (`5m`, `1h`), or `1d`, `1w`, `1mo`.',
    }),
    timeZone,
    holidays: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{2}(-[A-Za-z0-9]+){0,2}$',
        description:
          'Region of public holidays: `US`, `DE-BY`. What each of them brings is learnt where it ' +
          'came twice in what a model learns from: set `retraining.trainingWindowDays` to 800, ' +
          'of days to 835, where there is the history.',
        otherwise: 'no day is a holiday',
      }),
    ),
    aggregate: choice(AGGREGATION_KINDS, {
      default: 'none',
      description:
        'How the events of a period become one value; `none`: each event is one. A period ' +
        'without events is 0 for `count` and `sum`, and missing for the others.',
    }),
    grace: Type.Optional(
      text('duration', {
        description: 'How much disorder inside a raw partition is waited for.',
        otherwise: 'by frequency',
      }),
    ),
    maxAhead: text('duration', {
      default: '1d',
      description: 'An event later than its append time + this is a dead letter.',
    }),
    idleAfter: text('duration', {
      default: '5m',
      description: 'Silence after which a raw partition stops holding the others back.',
    }),
    staleAfter: Type.Optional(
      text('duration', {
        description: 'Silence of a series, in event time, after which it is stale.',
        otherwise: 'by frequency',
      }),
    ),
    deadAfter: Type.Optional(
      text('duration', {
        description:
          'Silence of a series, in event time, after which it is dead: no more forecasts.',
        otherwise: 'by frequency',
      }),
    ),
    ringPeriods: Type.Optional(
      count({
        maximum: 1_000_000,
        description: 'Slots of the window that is kept of each series.',
        otherwise: 'what the features need',
      }),
    ),
    seasons: Type.Optional(
      Type.Array(Type.Integer({ minimum: 2, maximum: 100_000 }), {
        maxItems: 2,
        uniqueItems: true,
        description: 'Repeating spans in periods, the short one first.',
        otherwise: 'by frequency',
      }),
    ),
    forecast,
    features,
    model,
    monitoring,
    retraining,
    batch,
  },
  { description: 'A set of series with one source, frequency, model and topics.' },
);

/** `streams`: by name. */
export const streams = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,60}$' }), stream, {
  additionalProperties: false,
  default: {},
  description:
    'The streams by name (lower case, digits, dashes); the name goes before their topics.',
});
