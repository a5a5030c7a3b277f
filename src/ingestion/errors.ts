import { messageOf, TidecastError } from '../core/errors.ts';

export type FileErrorCode = 'FILE_UNREADABLE' | 'FILE_DAMAGED' | 'FILE_FORMAT_UNKNOWN';

/** A file of raw events cannot be used, or not to its end. */
export class FileError extends TidecastError {
  override readonly name = 'FileError';
  override readonly code: FileErrorCode;

  constructor(code: FileErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause });
    this.code = code;
  }
}

/** What the operating system says of a file, as an error that names it. */
export const unreadable = (file: string, cause: unknown): FileError => {
  const said = messageOf(cause);
  return new FileError(
    'FILE_UNREADABLE',
    `${file} cannot be read: check its path and permissions (${said})`,
    cause,
  );
};
