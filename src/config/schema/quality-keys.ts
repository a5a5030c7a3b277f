import Type from 'typebox';
import { batchRun } from './forecast-keys.ts';
import { choice, count, name, notYet, optionalSection, section, text } from './keys.ts';

const threshold = (description: string, otherwise: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, description, otherwise }));

export const monitoring = optionalSection(
  {
    mapePercent: threshold(
      'Alert and ask for training above this MAPE over non-zero actuals, in percent.',
      '15, unless `wapePercent` or `skill` is set',
    ),
    wapePercent: threshold(
      'The same for WAPE, in percent: right where zeros are frequent.',
      'not watched',
    ),
    skill: Type.Optional(
      Type.Number({
        maximum: 1,
        description: 'The same below this skill: 1 − WAPE over that of the best naive opponent.',
        otherwise: 'not watched',
      }),
    ),
    stalenessSeconds: Type.Number(
      notYet({
        exclusiveMinimum: 0,
        default: 3_600,
        description: 'Alert when data is this much later than due.',
      }),
    ),
    latencyP99Seconds: Type.Number(
      notYet({
        exclusiveMinimum: 0,
        default: 1,
        description: 'Alert when one forecast in a hundred takes longer.',
      }),
    ),
    errorRate: Type.Number(
      notYet({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.01,
        description: 'Alert when a greater share of forecasts fails.',
      }),
    ),
    groupBy: Type.Optional(
      name(
        notYet({
          description: 'An attribute by which accuracy is also summed up.',
          otherwise: 'by model only',
        }),
      ),
    ),
    windows: Type.Optional(
      Type.Array(text('duration', { description: 'A window.' }), {
        minItems: 1,
        maxItems: 6,
        uniqueItems: true,
        description: 'Spans over which accuracy is summed up, the shortest first.',
        otherwise: 'by frequency',
      }),
    ),
  },
  'What is watched.',
);

export const retraining = optionalSection(
  {
    everyDays: Type.Number({
      exclusiveMinimum: 0,
      default: 7,
      description: 'A new model at least this often.',
    }),
    trainingWindowDays: Type.Optional(
      count({
        maximum: 36_500,
        description:
          'How much history a model is trained and judged on. A year is too short for what ' +
          '`holidays` bring, and for what the day of the year does: 800 days are enough.',
        otherwise: 'by frequency',
      }),
    ),
    judgeDays: Type.Optional(
      count({
        maximum: 3_650,
        description:
          'The end of the training window, on which a challenger is judged, not trained: a ' +
          'quarter of it at most. Four long seasons, or eight short ones, are judged in any case ' +
          'where that quarter has as many, and three horizons where half of the window has.',
        otherwise: 'by frequency',
      }),
    ),
    minImprovement: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.05,
      description: 'The least relative gain over the champion.',
    }),
    loss: Type.Optional(
      choice(['scaled', 'absolute'], {
        description:
          'In what a challenger is compared: `scaled` errors, in which all series count alike, ' +
          'or `absolute` ones, in which a series counts by its size.',
        otherwise: '`absolute` where `wapePercent` or `skill` is watched, else `scaled`',
      }),
    ),
    coolDownDays: Type.Number({
      minimum: 0,
      default: 7,
      description:
        'How long accuracy and drift are not listened to after a request or a promotion, by the ' +
        'clock and by event time alike, so that a catch-up does not ask for a model a day; a ' +
        'rollback ends it.',
    }),
  },
  'When a model is trained anew, and when it takes over.',
);

export const batch = Type.Array(
  section(
    {
      ...batchRun,
      horizon: Type.Optional(
        count({
          description: 'How many periods ahead.',
          otherwise: 'the horizon of the stream',
        }),
      ),
    },
    { description: 'One run a day.' },
  ),
  notYet({ default: [], description: 'Forecasts of all series at fixed times.' }),
);
