/** The same shape, nothing of it assignable. */
export type Frozen<T> = { readonly [Key in keyof T]: Frozen<T[Key]> };

/** Freezes plain data in depth, so that what was validated stays what it was. */
export const frozen = <T>(value: T): Frozen<T> => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
};
