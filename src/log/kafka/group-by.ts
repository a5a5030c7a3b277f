/** Elements by what they have in common, in their order. */
export const groupBy = <T, K>(
  elements: readonly T[],
  keyOf: (element: T) => K,
): ReadonlyMap<K, readonly T[]> => {
  const groups = new Map<K, T[]>();
  for (const element of elements) {
    const key = keyOf(element);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [element]);
    else known.push(element);
  }
  return groups;
};
