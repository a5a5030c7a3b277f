import { memberMeans, type Member } from '../../../models/average/member.ts';
import { LinearInputs } from '../../../models/linear-model.ts';
import type { CandidateScore } from '../../trainer.ts';
import { linearDesignOf } from '../row-designs.ts';
import { TrainingRows, type RowsInput } from '../training-rows.ts';
import { HeldErrors, type MemberWeights } from './choice.ts';

/** Rows that sets of members are compared on. */
const ROWS_COMPARED = 4_000;

export interface Compared {
  readonly weights: MemberWeights;
  /** Of their mean, in units of each series' scale. */
  readonly error: number;
  /** One a member that was compared. */
  readonly scores: readonly Omit<CandidateScore, 'name'>[];
}

/** What members should count for by a window that they have not seen; undefined if none is told. */
export const compare = (
  input: RowsInput,
  members: readonly Member[],
  monotonic: () => number,
): Compared | undefined => {
  const { horizon } = input.featureSchema;
  const rows = new TrainingRows(input, ROWS_COMPARED);
  const errors = new HeldErrors(members.length);
  const speakers = members.map((member) => ({
    write: memberMeans(member),
    means: new Float64Array(horizon),
    spent: 0,
  }));
  const means = speakers.map((speaker) => speaker.means);
  const inputs = new LinearInputs(linearDesignOf(input));
  let count = 0;
  rows.visit(() => {
    inputs.read(rows.row, 0);
    let begun = monotonic();
    for (const speaker of speakers) {
      speaker.write(rows.row, speaker.means);
      const ended = monotonic();
      speaker.spent += ended - begun;
      begun = ended;
    }
    errors.add(means, rows.actuals, inputs.scale);
    count += 1;
  });
  const weights = errors.choose();
  if (weights === undefined) return undefined;
  const scores = errors.scores(weights).map((score, place) => ({
    ...score,
    weight: weights[place] ?? 0,
    micros: (1_000 * (speakers[place]?.spent ?? 0)) / count,
  }));
  return { weights, error: errors.of(weights), scores };
};
