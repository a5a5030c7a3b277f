import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Config } from '../../config/config.ts';
import type { StreamConfig } from '../../config/stream-config.ts';
import { historyNeeded, type Panel } from '../../evaluation/history.ts';
import { compileFeatures } from '../../features/feature-plan.ts';
import { metadataEntries } from '../../models/artifact.ts';
import { stepRowNames, stepRows } from '../../models/step-rows.ts';
import { sampleSeries } from '../../retraining/series-sample.ts';
import { TrainingRows, type RowsInput } from '../../retraining/trainers/training-rows.ts';
import { featureSchemaHash, rowShape, type FeatureSchema } from '../../schemas/feature-schema.ts';
import { observationType } from '../../schemas/value-types.ts';
import { openSerde } from '../../schemas/open-serde.ts';
import type { RetrainingRequest } from '../../schemas/retraining-request.ts';
import { csvCell } from '../csv-cell.ts';
import { CliError } from '../errors.ts';
import type { OpenedLog } from '../opened-log.ts';
import { isoTime } from '../print.ts';
import { streamParts, type StreamParts } from '../run/stream-parts.ts';
import { trainingHistory } from '../run/training-history.ts';
import { NpyFile } from './npy-file.ts';

export type ExportStrategy = 'direct' | 'per-step';

export interface RowsExport {
  readonly folder: string;
  readonly strategy: ExportStrategy;
  /** About so many origins of all series are enough; more are thinned out. */
  readonly rowsEnough: number;
}

/** What was written. */
export interface ExportedRows {
  readonly folder: string;
  /** Origins of all series. */
  readonly origins: number;
  /** Rows of the matrix, and its columns. */
  readonly rows: number;
  readonly columns: number;
}

const historyOf = async (
  { log, registry }: OpenedLog,
  parts: StreamParts,
  { request, signal }: { readonly request: RetrainingRequest; readonly signal: AbortSignal },
): Promise<Panel> => {
  const serde = await openSerde(registry, parts.topics.observations.name, observationType);
  return trainingHistory(parts, { log, serde })(request, signal);
};

/** What a graph that learns from these rows is to say of itself, and what its columns mean. */
const description = (
  featureSchema: FeatureSchema,
  { strategy, columns }: { strategy: ExportStrategy; columns: readonly string[] },
): object => {
  const { horizon } = featureSchema;
  const metadata = metadataEntries({
    ...{ featureSchema, horizon, strategy, transform: 'none', missing: 'nan' },
  });
  return {
    schemaHash: featureSchemaHash(featureSchema),
    ...{ strategy, horizon, columns },
    metadata: Object.fromEntries(metadata),
  };
};

const namesOf = (schema: FeatureSchema, strategy: ExportStrategy): readonly string[] => {
  // Names need no holidays.
  const { names } = compileFeatures({ ...schema, holidays: null });
  return strategy === 'per-step' ? stepRowNames(names, rowShape(schema)) : names;
};

/** The files of one export. */
class RowFiles {
  readonly columns: readonly string[];
  private readonly features: NpyFile;
  private readonly targets: NpyFile;
  private readonly origins: WriteStream;
  private readonly written: RowsExport;
  private readonly schema: FeatureSchema;

  constructor(written: RowsExport, schema: FeatureSchema) {
    const { folder, strategy } = written;
    mkdirSync(folder, { recursive: true });
    this.written = written;
    this.schema = schema;
    this.columns = namesOf(schema, strategy);
    this.features = new NpyFile(join(folder, 'features.npy'), this.columns.length);
    const perRow = strategy === 'per-step' ? 1 : schema.horizon;
    this.targets = new NpyFile(join(folder, 'targets.npy'), perRow);
    this.origins = createWriteStream(join(folder, 'origins.csv'));
    this.origins.write('series_id,origin\n');
  }

  get rows(): number {
    return this.features.rows;
  }

  add({ row, actuals, seriesId }: TrainingRows, originMs: number): void {
    if (this.written.strategy === 'direct') {
      this.features.append(row);
      this.targets.append(actuals);
    } else {
      const steps = stepRows(rowShape(this.schema), row, 1);
      const width = this.columns.length;
      for (const [step, actual] of actuals.entries()) {
        this.features.append(steps.subarray(step * width, (step + 1) * width));
        this.targets.append(Float64Array.of(actual));
      }
    }
    this.origins.write(`${csvCell(seriesId)},${isoTime(originMs)}\n`);
  }

  async close(): Promise<void> {
    this.features.close();
    this.targets.close();
    this.origins.end();
    await finished(this.origins);
    const said = description(this.schema, { ...this.written, columns: this.columns });
    const text = `${JSON.stringify(said, undefined, 2)}\n`;
    await writeFile(join(this.written.folder, 'features.json'), text);
  }
}

const tooLittle = ({ seasons, horizon }: FeatureSchema): CliError =>
  new CliError(
    'NOT_FOUND',
    `no row can be made yet: a series needs ${historyNeeded(seasons)} periods of history and ` +
      `${horizon} more; wait for more data, or widen --window-days`,
  );

/**
 * Writes what a training would learn from, computed by the very function that computes the rows of
 * the stream: matrices of float64 for NumPy, whose each row of features is one of `origins.csv`, or
 * `horizon` of them step by step.
 */
export const exportRows = async (
  opened: OpenedLog,
  written: RowsExport,
  asked: {
    readonly config: Config;
    readonly stream: StreamConfig;
    readonly request: RetrainingRequest;
    readonly signal: AbortSignal;
  },
): Promise<ExportedRows> => {
  const parts = streamParts(asked.config, asked.stream);
  const { features: featureSchema, shape } = parts;
  const { series, holidays } = await historyOf(opened, parts, asked);
  const { start, end } = asked.request.trainingWindow;
  const input: RowsInput = {
    ...{ featureSchema, holidays, series: sampleSeries(series) },
    fromPeriod: shape.periods.periodOf(start),
    toPeriod: shape.periods.periodOf(end),
  };
  const rows = new TrainingRows(input, written.rowsEnough);
  let files: RowFiles | undefined;
  let origins = 0;
  rows.visit(() => {
    // Not before there is a row: whoever waits for data is to find no empty files.
    files ??= new RowFiles(written, featureSchema);
    files.add(rows, shape.periods.startOf(rows.origin));
    origins += 1;
  });
  if (files === undefined) throw tooLittle(featureSchema);
  await files.close();
  return { folder: written.folder, origins, rows: files.rows, columns: files.columns.length };
};
