// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.

/**
 * The lower median of values[0..count), which it puts in another order; 0 of none.
 * @see Hoare, Algorithm 65: Find (1961)
 */
export const medianOf = (values: Float64Array, count: number): number => {
  if (count === 0) return 0;
  const middle = (count - 1) >> 1;
  let [low, high] = [0, count - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number;
    let [left, right] = [low, high];
    while (left <= right) {
      while ((values[left] as number) < pivot) left += 1;
      while ((values[right] as number) > pivot) right -= 1;
      if (left > right) break;
      const kept = values[left] as number;
      values[left] = values[right] as number;
      values[right] = kept;
      left += 1;
      right -= 1;
    }
    if (middle <= right) high = right;
    else if (middle >= left) low = left;
    else break;
  }
  return values[middle] as number;
};
