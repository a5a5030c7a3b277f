import {
  emptyColumns,
  type ColumnarScore,
  type StepColumns,
} from '../../src/schemas/columnar-score.ts';
import type { Score, ScoredStep } from '../../src/schemas/score.ts';
import type { Serde } from '../../src/schemas/serde.ts';
import { LEVELS, NAIVE_NAMES } from './scores.ts';

/** Steps as columns: what one lacks is unknown, what it has too much is left out. */
export const columnsOf = (
  said: readonly ScoredStep[],
  levels = LEVELS.length,
  names = NAIVE_NAMES.length,
): StepColumns => {
  const columns = emptyColumns({ capacity: said.length, levels, names });
  columns.count = said.length;
  const fitted = (values: Float32Array, width: number): Float32Array =>
    Float32Array.from({ length: width }, (_, index) => values[index] ?? Number.NaN);
  for (const [row, { step, mean, lower, upper, naive, scale }] of said.entries()) {
    columns.steps[row] = step;
    columns.means[row] = mean;
    columns.scales[row] = scale;
    columns.lower.set(fitted(lower, levels), row * levels);
    columns.upper.set(fitted(upper, levels), row * levels);
    columns.naive.set(fitted(naive, names), row * names);
  }
  return columns;
};

export const columnar = (score: Score): ColumnarScore => ({
  ...score,
  steps: columnsOf(score.steps, score.levels.length, score.naiveNames.length),
});

/** The same with each step as an object of its own. */
export const plain = (score: ColumnarScore): Score => {
  const { levels, naiveNames, steps: columns } = score;
  const part = (values: Float32Array, row: number, width: number): Float32Array =>
    values.slice(row * width, (row + 1) * width);
  const steps = Array.from({ length: columns.count }, (_, row): ScoredStep => ({
    step: columns.steps[row] ?? Number.NaN,
    mean: columns.means[row] ?? Number.NaN,
    lower: part(columns.lower, row, levels.length),
    upper: part(columns.upper, row, levels.length),
    naive: part(columns.naive, row, naiveNames.length),
    scale: columns.scales[row] ?? Number.NaN,
  }));
  return { ...score, steps };
};

/** Columns for the task, objects for the test that reads and writes beside it. */
export const columnarSerde = (serde: Serde<Score>): Serde<ColumnarScore> => ({
  encode: (score) => serde.encode(plain(score)),
  encodeTo: (score, to) => {
    serde.encodeTo(plain(score), to);
  },
  decode: (value) => {
    const decoded = serde.decode(value);
    return decoded.ok ? { ok: true, value: columnar(decoded.value) } : decoded;
  },
  learn: (values) => serde.learn(values),
});
