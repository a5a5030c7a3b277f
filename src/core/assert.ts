/** Throws when the program is wrong: no code, not retriable, never caught to go on. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

/** States what must hold here; a failure is a bug, and the task that meets it closes dirty. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}
