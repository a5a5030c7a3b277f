import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NpyFile } from '../../../src/cli/train/npy-file.ts';
import { npyMatrix } from '../../support/npy-matrix.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** `numpy.save` of [[1, 2.5, -3], [0.1, 0, 1e300]] by NumPy 2.4.6. */
const BY_NUMPY = [
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMp',
  'LCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA',
  'AADwPwAAAAAAAARAAAAAAAAACMCamZmZmZm5PwAAAAAAAAAAnHUAiDzkN34=',
].join('');

describe('a file of NumPy', () => {
  it('has the bytes that NumPy gives it', async () => {
    const path = join(await temporaryFolder(), 'matrix.npy');
    const file = new NpyFile(path, 3);
    file.append(Float64Array.of(1, 2.5, -3));
    file.append(Float64Array.of(0.1, 0, 1e300));
    file.close();
    expect(readFileSync(path).toString('base64')).toBe(BY_NUMPY);
  });

  it('holds more rows than are gathered before they are written, and wider ones', async () => {
    const path = join(await temporaryFolder(), 'matrix.npy');
    const width = 200_000;
    const file = new NpyFile(path, width);
    for (const value of [1, Number.NaN, 3]) file.append(new Float64Array(width).fill(value));
    file.close();
    const { rows, width: read } = npyMatrix(path);
    expect([read, rows.length, file.rows]).toEqual([width, 3 * width, 3]);
    expect([rows[0], rows[width], rows[3 * width - 1]]).toEqual([1, Number.NaN, 3]);
  });
});
