import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { divide, TARGET, visitMatrix, writeMatrix } from '../../../scripts/accuracy/tree-matrix.ts';
import { binOf } from '../../../src/retraining/trainers/gbdt/bins.ts';
import { samplesOf, targetsOf } from '../../../src/retraining/trainers/gbdt/samples.ts';
import { npyMatrix } from '../../support/npy-matrix.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const HOURS = 10 * 168;
const ENOUGH = 5_000;

describe('the matrix that trees of two programs learn from', () => {
  it('is the one that our trainer makes, and ends before what is held out', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'table.csv');
    const lines = Array.from({ length: HOURS }, (_, hour) => {
      const time = new Date(hour * 3_600_000).toISOString();
      return `a,${time},${(hour % 24) + ((hour * 7_919) % 13)}`;
    });
    await writeFile(file, ['series,time,value', ...lines, ''].join('\n'));
    const table = { file, frequency: '1h', timeZone: 'UTC', holidays: 'US' };
    const { learnt, heldOut, readsYear } = await divide(table);
    expect([learnt.toPeriod, heldOut.fromPeriod, heldOut.toPeriod]).toEqual([
      ...[HOURS - 4 * 168, HOURS - 4 * 168, HOURS],
    ]);

    const { columns, edges, count, ...samples } = samplesOf(learnt, { enough: ENOUGH });
    const targets = targetsOf({ columns, edges, count, ...samples }, TARGET);
    let sample = 0;
    visitMatrix(learnt, { readsYear, enough: ENOUGH }, (inputs, target) => {
      const bins = edges.map((own, input) => binOf(own, inputs[input] ?? Number.NaN));
      expect(bins).toEqual(columns.map((column) => column[sample]));
      expect(target).toBe(targets[sample]);
      sample += 1;
    });
    expect(sample).toBe(count);
    expect(count).toBeGreaterThan(1_000);

    const path = join(folder, 'learnt');
    expect(writeMatrix(path, learnt, { readsYear, enough: ENOUGH })).toBe(count);
    expect(npyMatrix(`${path}.targets.npy`).rows).toEqual(targets);
    expect(npyMatrix(`${path}.inputs.npy`).width).toBe(columns.length);
  });
});
