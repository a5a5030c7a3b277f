import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import type { LinearDesign } from '../../../src/models/linear-model.ts';
import { TreeInputs, treeInputCount } from '../../../src/models/trees/tree-inputs.ts';
import { design, HORIZON, rowsOf } from '../../support/model-rows.ts';

const FEEDBACK = [10, 11, 3];
const recursive: LinearDesign = { ...design, feedback: FEEDBACK };
const count = treeInputCount(recursive);
const ROWS = 200;

const random = seededRandom('course');
const rows = rowsOf('steps before', ROWS);
const courses = Array.from({ length: ROWS }, () =>
  Float64Array.from({ length: HORIZON }, () =>
    random.next() < 0.1 ? Number.NaN : 50 * random.normal(),
  ),
);

/** Inputs of a row, of which each step came to this. */
const followed = (row: number, course: Float64Array): { inputs: TreeInputs; starts: number[] } => {
  const inputs = new TreeInputs(recursive);
  inputs.read(rows, row * design.width);
  const starts = Array.from(course, (value, step) => {
    inputs.feed(step);
    const { start } = inputs.origin('before', step);
    inputs.follow(step, value);
    return start;
  });
  return { inputs, starts };
};

describe('what the steps before came to', () => {
  it('is how far they were off the means of their slots, known periods first', () => {
    let compared = 0;
    for (const [row, course] of courses.entries()) {
      const { inputs, starts } = followed(row, course);
      const at = row * design.width;
      const { scale, anchor } = inputs.row;
      const usual = (step: number): number => {
        const mean = rows[at + design.slotMean + step] ?? Number.NaN;
        return Number.isNaN(mean) ? (anchor[step] ?? 0) : mean;
      };
      const apart = (step: number): number =>
        step < 0
          ? (rows[at + (FEEDBACK[-1 - step] ?? 0)] ?? 0) / scale
          : ((course[step] ?? 0) - usual(step)) / scale;
      for (let step = 0; step < HORIZON; step += 1) {
        const own = inputs.steps.slice(step * count, (step + 1) * count);
        const expected = FEEDBACK.map((_, back) => apart(step - 1 - back));
        expect([...own.slice(-FEEDBACK.length)]).toEqual(expected);
        const last = Number.isNaN(apart(step - 1)) ? 0 : apart(step - 1) * scale;
        expect(starts[step]).toBe(usual(step) + last);
        compared += 1;
      }
    }
    expect(compared).toBe(ROWS * HORIZON);
  });

  it('says nothing of a step itself, nor of those behind it', () => {
    for (const [row, course] of courses.entries()) {
      const step = row % HORIZON;
      const other = course.map((value, index) => (index < step ? value : 1e6));
      const [one, two] = [followed(row, course), followed(row, other)];
      const upTo = (step + 1) * count;
      expect([...two.inputs.steps.slice(0, upTo)]).toEqual([...one.inputs.steps.slice(0, upTo)]);
      expect(two.starts.slice(0, step + 1)).toEqual(one.starts.slice(0, step + 1));
    }
  });

  it('is not read where a design has no feedback', () => {
    const inputs = new TreeInputs(design);
    inputs.read(rows, 0);
    const before = inputs.steps.slice();
    inputs.follow(0, 7);
    inputs.feed(1);
    expect(inputs.origin('before', 1)).toEqual(inputs.origin('anchor', 1));
    expect([...inputs.steps]).toEqual([...before]);
    expect(before).toHaveLength(HORIZON * (count - FEEDBACK.length));
  });
});
