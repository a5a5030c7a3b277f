// Hot file: indices are in range by construction (all loops end at `size`), so typed-array reads
// are narrowed with `as number`.
import { assert } from '../../core/assert.ts';

/**
 * Solves A·x = b for a symmetric positive definite A (size × size, row by row, its lower half is
 * read and overwritten); x is written over b.
 * @see Golub and Van Loan, Matrix Computations, section 4.2
 */
export const solveSymmetric = (a: Float64Array, b: Float64Array, size: number): void => {
  factorise(a, size);
  for (let row = 0; row < size; row += 1) {
    let sum = b[row] as number;
    for (let k = 0; k < row; k += 1) sum -= (a[row * size + k] as number) * (b[k] as number);
    b[row] = sum / (a[row * size + row] as number);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = b[row] as number;
    for (let k = row + 1; k < size; k += 1) sum -= (a[k * size + row] as number) * (b[k] as number);
    b[row] = sum / (a[row * size + row] as number);
  }
};

/** A = L·Lᵀ, with L written over the lower half of A. */
const factorise = (a: Float64Array, size: number): void => {
  for (let column = 0; column < size; column += 1) {
    for (let row = column; row < size; row += 1) {
      let sum = a[row * size + column] as number;
      for (let k = 0; k < column; k += 1) {
        sum -= (a[row * size + k] as number) * (a[column * size + k] as number);
      }
      if (row > column) a[row * size + column] = sum / (a[column * size + column] as number);
      else {
        assert(sum > 0, 'the matrix is not positive definite');
        a[row * size + column] = Math.sqrt(sum);
      }
    }
  }
};
