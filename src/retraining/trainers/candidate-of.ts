import { sha256Of } from '../../core/sha256.ts';
import { historyNeeded } from '../../evaluation/history.ts';
import { metadataEntries } from '../../models/artifact.ts';
import { featureSchemaHash } from '../../schemas/feature-schema.ts';
import { TrainingError } from '../errors.ts';
import { ROWS_MIN } from '../rows-min.ts';
import { sampleSeries } from '../series-sample.ts';
import type { Candidate, Comparison, TrainingInput } from '../trainer.ts';
import type { RowsInput } from './training-rows.ts';

/** What a fit reads: of too many values, a sample of the series. */
export const rowsOf = (input: TrainingInput): RowsInput => ({
  featureSchema: input.featureSchema,
  series: sampleSeries(input.series),
  holidays: input.holidays ?? null,
  fromPeriod: input.fromPeriod,
  toPeriod: input.toPeriod,
});

interface Fitted {
  readonly trainer: string;
  readonly input: TrainingInput;
  readonly rows: RowsInput;
  /** Rows that were learnt from. */
  readonly rowCount: number;
  /** The graph with this metadata. */
  readonly write: (metadata: ReadonlyMap<string, string>) => Uint8Array;
  readonly members?: readonly string[];
  readonly comparison?: Comparison | undefined;
  /** The graph of the same model fitted before a period, where there is one. */
  readonly heldBack?: { readonly write: Fitted['write']; readonly fromPeriod: number } | undefined;
}

/** The candidate of a fit, unless that had too little to learn from. */
export const candidateOf = (fitted: Fitted): Candidate => {
  const { trainer, input, rows, rowCount, write, heldBack } = fitted;
  const members = fitted.members && { members: fitted.members };
  const { featureSchema } = input;
  const { horizon, seasons } = featureSchema;
  if (rowCount < ROWS_MIN) {
    throw new TrainingError(
      'TRAINING_TOO_LITTLE_DATA',
      `Only ${rowCount} rows can be made of ${rows.series.length} series: each needs ` +
        `${historyNeeded(seasons)} periods of history and ${horizon} more, ` +
        'before those that the model is judged on; ' +
        'wait for more data',
    );
  }
  const metadata = metadataEntries({
    ...{ featureSchema, horizon, strategy: 'direct', transform: 'none', missing: 'nan' },
    ...members,
  });
  const artifact = write(metadata);
  return {
    artifact,
    sha256: sha256Of(artifact),
    trainer,
    schemaHash: featureSchemaHash(featureSchema),
    horizon,
    rows: rowCount,
    seriesCount: rows.series.length,
    ...members,
    ...(fitted.comparison && { comparison: fitted.comparison }),
    ...(heldBack === undefined
      ? {}
      : {
          heldBack: { artifact: heldBack.write(metadata), fromPeriod: heldBack.fromPeriod },
        }),
  };
};
