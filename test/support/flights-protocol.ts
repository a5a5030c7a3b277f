import { endOf, valueOf, type Panel } from '../../src/evaluation/history.ts';
import { wape } from '../oracles/paired-metrics.ts';
import { opponentNames, originBlocks } from '../../src/evaluation/origin-blocks.ts';
import type { Forecaster } from '../../src/models/forecaster.ts';
import { HORIZON, hourlySchema } from './hourly-schema.ts';

/** Days at the end of the flights on which models are compared. */
export const TEST_DAYS = 42;

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** WAPE of the model and of each opponent, all series and steps pooled, one origin a day. */
export const protocolErrors = async (
  { predict }: Pick<Forecaster, 'predict'>,
  panel: Panel,
): Promise<Map<string, number | null>> => {
  const schema = hourlySchema();
  const opponents = opponentNames(schema);
  const end = endOf(panel.series);
  const origins = Array.from({ length: TEST_DAYS }, (_, day) => end - 1 - (TEST_DAYS - day) * 24);
  const actual: number[] = [];
  const said = [[], ...opponents.map(() => [])] as number[][];
  for (const block of originBlocks({ panel, schemas: [schema], origins })) {
    const [rows] = block.rows.values();
    const means = await predict(rows ?? new Float64Array(), block.count);
    for (let index = 0; index < block.count * HORIZON; index += 1) {
      const origin = at(block.origins, Math.floor(index / HORIZON));
      actual.push(valueOf(block.series, origin + 1 + (index % HORIZON)));
      said[0]?.push(at(means, index));
      for (const [column] of opponents.entries()) {
        said[column + 1]?.push(at(block.naive, index * opponents.length + column));
      }
    }
  }
  if (actual.length !== panel.series.length * TEST_DAYS * HORIZON) {
    throw new Error(`only ${actual.length} pairs are compared`);
  }
  return new Map(
    ['model', ...opponents].map((name, column) => {
      const mean = Float64Array.from(said[column] ?? []);
      return [name, wape({ actual: Float64Array.from(actual), mean }).value];
    }),
  );
};
