import { describe, expect, it } from 'vitest';
import { compileFeatures } from '../../../src/features/feature-plan.ts';
import { stepRowNames, stepRows, stepRowWidth } from '../../../src/models/step-rows.ts';
import { rowShape, rowWidth } from '../../../src/schemas/feature-schema.ts';
import { hourlySchema } from '../../support/hourly-schema.ts';

describe('a row a step', () => {
  it('has the scalars, of each profile the value of its step, and the step', () => {
    const shape = { scalars: 2, profiles: 2, horizon: 3 };
    const rows = Float64Array.of(
      ...[1, 2, 11, 12, 13, 21, 22, 23],
      ...[3, 4, 31, 32, 33, 41, 42, 43],
    );
    expect([...stepRows(shape, rows, 2)]).toEqual([
      ...[1, 2, 11, 21, 1],
      ...[1, 2, 12, 22, 2],
      ...[1, 2, 13, 23, 3],
      ...[3, 4, 31, 41, 1],
      ...[3, 4, 32, 42, 2],
      ...[3, 4, 33, 43, 3],
    ]);
  });

  it('keeps what is missing, and gives nothing for no rows', () => {
    const shape = { scalars: 1, profiles: 0, horizon: 1 };
    expect([...stepRows(shape, Float64Array.of(Number.NaN), 1)]).toEqual([Number.NaN, 1]);
    expect(stepRows(shape, new Float64Array(0), 0)).toHaveLength(0);
  });

  it('has a name for each column, and each name once', () => {
    const schema = hourlySchema();
    const { names, scalarWidth } = compileFeatures(schema);
    const shape = rowShape(schema);
    expect(rowWidth(shape)).toBe(names.length);
    expect(shape.scalars).toBe(scalarWidth);
    const stepNames = stepRowNames(names, shape);
    expect(stepNames).toHaveLength(stepRowWidth(shape));
    expect(new Set(stepNames).size).toBe(stepNames.length);
    expect(stepNames).toEqual(expect.arrayContaining(['scale', 'seasonal_24_1@step', 'step']));
  });
});
