import { memberMeans, type Member } from '../../../models/average/member.ts';
import { LinearInputs } from '../../../models/linear-model.ts';
import type { CandidateScore } from '../../trainer.ts';
import { linearDesignOf } from '../row-designs.ts';
import { isTaken, rowsSpread } from '../spread-pairs.ts';
import { TrainingRows, type RowsInput } from '../training-rows.ts';
import { HeldErrors, type MemberWeights } from './choice.ts';

/** Rows that sets of members are compared on. */
export const ROWS_COMPARED = 4_000;
/** And pairs of a row and a step: all there are as far as 200 steps, a share of them beyond. */
export const PAIRS_COMPARED = 200 * ROWS_COMPARED;

export interface Compared {
  readonly weights: MemberWeights;
  /** Of their mean, in units of each series' scale. */
  readonly error: number;
  /** Distinct ones that there were, over all series. */
  readonly origins: number;
  /** One a member that was compared. */
  readonly scores: readonly Omit<CandidateScore, 'name'>[];
}

/** Rows of what was held back, and of them the targets that members are compared on. */
export class ComparedRows {
  readonly rows: TrainingRows;
  /** Those of the row, NaN where there is none or it is not one of them. */
  readonly actuals: Float64Array;

  constructor(input: RowsInput) {
    const { horizon } = input.featureSchema;
    const enough = Math.min(ROWS_COMPARED, rowsSpread(PAIRS_COMPARED, horizon));
    this.rows = new TrainingRows(input, enough);
    this.actuals = new Float64Array(horizon);
  }

  /** Calls `visit` with the number of each row (0 first), when `rows` and `actuals` hold it. */
  visit(visit: (row: number) => void): void {
    const { rows, actuals } = this;
    const share = PAIRS_COMPARED / Math.max(1, rows.count * actuals.length);
    let row = 0;
    rows.visit(() => {
      for (const [step, actual] of rows.actuals.entries()) {
        actuals[step] = isTaken(share, row, step) ? actual : Number.NaN;
      }
      visit(row);
      row += 1;
    });
  }
}

/** What members should count for by a window that they have not seen; undefined if none is told. */
export const compare = (
  input: RowsInput,
  members: readonly Member[],
  monotonic: () => number,
): Compared | undefined => {
  const { horizon } = input.featureSchema;
  const compared = new ComparedRows(input);
  const { rows, actuals } = compared;
  const origins = new Set<number>();
  const errors = new HeldErrors(members.length);
  const speakers = members.map((member) => ({
    write: memberMeans(member),
    means: new Float64Array(horizon),
    spent: 0,
  }));
  const means = speakers.map((speaker) => speaker.means);
  const inputs = new LinearInputs(linearDesignOf(input));
  let count = 0;
  compared.visit((row) => {
    inputs.read(rows.row, 0);
    let begun = monotonic();
    for (const speaker of speakers) {
      speaker.write(rows.row, speaker.means);
      const ended = monotonic();
      speaker.spent += ended - begun;
      begun = ended;
    }
    errors.add(means, actuals, inputs.scale);
    origins.add(rows.origin);
    count = row + 1;
  });
  const weights = errors.choose();
  if (weights === undefined) return undefined;
  const scores = errors.scores(weights).map((score, place) => ({
    ...score,
    weight: weights[place] ?? 0,
    micros: (1_000 * (speakers[place]?.spent ?? 0)) / count,
  }));
  return { weights, error: errors.of(weights), origins: origins.size, scores };
};
