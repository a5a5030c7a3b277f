export interface TidecastErrorOptions {
  readonly retriable?: boolean;
  readonly cause?: unknown;
}

/**
 * The world failed: a disk, a peer, a file, an input. `code` is stable and listed in
 * docs/errors.md, the message says what to do, and `retriable` tells a supervisor whether trying
 * again can help.
 */
export class TidecastError extends Error {
  override readonly name: string = 'TidecastError';
  readonly code: string;
  readonly retriable: boolean;

  constructor(code: string, message: string, options: TidecastErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** What a failure is called where only its code is told; `BUG`: the program is broken. */
export const failureCode = (error: unknown): string =>
  error instanceof TidecastError ? error.code : 'BUG';

/** What whatever was thrown says of itself. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Whether the operating system gave this as the reason: `ENOENT`. */
export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
