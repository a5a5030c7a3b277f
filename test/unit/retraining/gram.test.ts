import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { LinearInputs, NONE, type LinearDesign } from '../../../src/models/linear-model.ts';
import { solveSymmetric } from '../../../src/retraining/trainers/cholesky.ts';
import { Gram } from '../../../src/retraining/trainers/gram.ts';

const HORIZON = 3;
const ALPHA = 7;

const design: LinearDesign = {
  width: 4 + 2 * HORIZON,
  horizon: HORIZON,
  scale: NONE,
  unit: 1,
  level: NONE,
  slotMean: NONE,
  deviation: NONE,
  feedback: [],
  whole: NONE,
  start: NONE,
  anchors: [],
  least: NONE,
  greatest: NONE,
  scalars: [0, 1, 2].map((column) => ({ kind: 'plain', column, centre: 0, spread: 1 })),
  profiles: [4, 4 + HORIZON].map((column) => ({ kind: 'plain', column })),
};

describe('the normal equations', () => {
  it('give weights at which the gradient vanishes, also with missing targets', () => {
    const random = seededRandom('gram');
    const inputs = new LinearInputs(design);
    const gram = new Gram(inputs);
    const rows = Array.from({ length: 200 }, () => {
      const row = Float64Array.from({ length: design.width }, () => random.normal());
      const targets = Float64Array.from({ length: HORIZON }, (_, step) =>
        random.next() < 0.2 * step ? Number.NaN : 3 + random.normal(),
      );
      inputs.read(row, 0);
      gram.add(inputs, targets);
      return { row, targets };
    });
    const { scalarWeights, profileWeights, intercepts } = gram.solve(ALPHA);
    let used = 0;
    for (let step = 0; step < HORIZON; step += 1) {
      const weights = [
        ...scalarWeights.subarray(step * 3, step * 3 + 3),
        ...profileWeights.subarray(step * 2, step * 2 + 2),
        intercepts[step] ?? 0,
      ];
      const gradient = weights.map((weight, index) => (index === 5 ? 0 : ALPHA * weight));
      for (const { row, targets } of rows) {
        const target = targets[step] ?? Number.NaN;
        if (Number.isNaN(target)) continue;
        used += 1;
        const x = [row[0], row[1], row[2], row[4 + step], row[4 + HORIZON + step], 1].map(
          (one = 0) => one,
        );
        const error = x.reduce((sum, one, index) => sum + one * (weights[index] ?? 0), -target);
        for (const [index, one] of x.entries())
          gradient[index] = (gradient[index] ?? 0) + one * error;
      }
      for (const part of gradient) expect(Math.abs(part)).toBeLessThan(1e-9);
    }
    expect(gram.rows).toBe(200);
    expect(used).toBeGreaterThan(400);
    expect(used).toBeLessThan(600);
  });

  it('forecast the anchor where a step has no target at all', () => {
    const inputs = new LinearInputs(design);
    const gram = new Gram(inputs);
    inputs.read(new Float64Array(design.width).fill(1), 0);
    gram.add(inputs, Float64Array.of(1, 2, Number.NaN));
    const { scalarWeights, intercepts } = gram.solve(ALPHA);
    expect([...scalarWeights.subarray(6)]).toEqual([0, 0, 0]);
    expect(intercepts[2]).toBe(0);
  });
});

describe('the symmetric solver', () => {
  it('solves a Hilbert-like system, and refuses what is not positive definite', () => {
    const size = 5;
    const matrix = Float64Array.from({ length: size * size }, (_, at) => {
      const [row, column] = [Math.floor(at / size), at % size];
      return 1 / (row + column + 1) + (row === column ? 1 : 0);
    });
    const kept = matrix.slice();
    const solution = Float64Array.of(1, 2, 3, 4, 5);
    solveSymmetric(matrix, solution, size);
    for (let row = 0; row < size; row += 1) {
      const line = kept.subarray(row * size, (row + 1) * size);
      const sum = line.reduce((all, one, column) => all + one * (solution[column] ?? 0), 0);
      expect(sum).toBeCloseTo(row + 1, 12);
    }
    expect(() => {
      solveSymmetric(Float64Array.of(1, 0, 2, 1), new Float64Array(2), 2);
      solveSymmetric(Float64Array.of(1, 0, 0, -1), new Float64Array(2), 2);
    }).toThrow('positive definite');
  });
});
