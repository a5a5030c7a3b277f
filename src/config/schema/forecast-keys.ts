import Type from 'typebox';
import { TRAINER_NAMES } from '../../retraining/trainer-names.ts';
import { CALENDAR_FIELDS, ROLLING_STATISTICS } from '../../schemas/feature-schema.ts';
import { choice, count, name, optionalSection, text } from './keys.ts';

export const forecast = optionalSection(
  {
    horizon: Type.Optional(
      count({
        maximum: 10_000,
        description: 'How many periods ahead, the greatest that can be asked for.',
        otherwise: 'by frequency',
      }),
    ),
    levels: Type.Array(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 100 }), {
      minItems: 1,
      maxItems: 10,
      uniqueItems: true,
      default: [80, 95],
      description: 'Percentages of the intervals.',
    }),
    intervals: choice(['p-control', 'aci'], {
      default: 'p-control',
      description:
        'How intervals follow the share that they covered: a proportional controller, ' +
        'or adaptive conformal inference, which is slower and holds its width longer.',
    }),
    every: count({
      maximum: 10_000,
      default: 1,
      description: 'A forecast at each so many closed periods.',
    }),
    scoredSteps: Type.Optional(
      count({
        maximum: 10_000,
        description:
          'The first so many steps of each forecast are scored; intervals of later ones stay wide.',
        otherwise: 'all of them',
      }),
    ),
    from: Type.Optional(
      text('instant', {
        description: 'No forecasts for origins before it, only state: a long history loads faster.',
        otherwise: 'from the first period on',
      }),
    ),
  },
  'What is forecast and when.',
);

const periods = (description: string) =>
  Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 100_000 }), {
      maxItems: 200,
      uniqueItems: true,
      description,
      otherwise: 'by frequency',
    }),
  );

export const features = optionalSection(
  {
    publish: Type.Boolean({
      default: true,
      description: 'Whether the features of each origin are written to their topic.',
    }),
    lags: periods('Distances backwards, in periods.'),
    rolling: optionalSection(
      {
        windows: periods('Spans of history, in periods.'),
        statistics: Type.Array(choice(ROLLING_STATISTICS, { description: 'A statistic.' }), {
          uniqueItems: true,
          default: [...ROLLING_STATISTICS],
          description: 'What is computed over each window.',
        }),
      },
      'Statistics over the values before the current one.',
    ),
    calendar: Type.Optional(
      Type.Array(choice(CALENDAR_FIELDS, { description: 'A field.' }), {
        uniqueItems: true,
        description: 'Fields of the local date and time of the target.',
        otherwise: 'by frequency',
      }),
    ),
  },
  'What a model sees.',
);

export const model = optionalSection(
  {
    name: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$',
        description: 'Name of the model in the registry, one for each stream.',
        otherwise: 'the name of the stream',
      }),
    ),
    trainer: choice(TRAINER_NAMES, {
      default: 'auto',
      description:
        'What turns history into a model: `ridge` is linear, `gbdt` are boosted trees, `auto` is ' +
        'the mean of those among them that forecast the end of the training window best.',
    }),
  },
  'Which model serves.',
);

export const batchRun = {
  name: name({ description: 'Name of the run, in metrics and in the trigger of its forecasts.' }),
  at: Type.String({
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
    description: 'Local time of day in the zone of the stream: `"06:00"`.',
  }),
};
