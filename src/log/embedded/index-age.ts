import { readdirSync } from 'node:fs';
import { LogError } from '../errors.ts';
import { readMarkedSeq } from './commit-file.ts';
import type { SyncMark } from './log-index.ts';

/** Of a folder, or a file of it, that is not as its parts say; nothing of it has been touched. */
export const corruptFolder = (folder: string, what: string): LogError =>
  new LogError(
    'LOG_CORRUPT',
    `${folder} ${what}: restore the whole folder from a copy, or start with an empty one and ` +
      'load the sources again',
  );

/**
 * Recovery cuts what the index does not name, and appends go where it says the ends are. So one
 * that was lost, or is that of an older copy, would have records overwritten that are whole.
 */
export const refuseOlderIndex = (
  { folder, commits, topics }: Readonly<Record<'folder' | 'commits' | 'topics', string>>,
  mark: SyncMark | undefined,
): void => {
  const seq = readMarkedSeq(commits) ?? 0;
  if (mark === undefined && (seq > 0 || readdirSync(topics).length > 0)) {
    throw corruptFolder(folder, 'has records, but its index was lost');
  }
  if ((mark?.seq ?? 0) >= seq) return;
  throw corruptFolder(
    folder,
    `has had ${seq} commits, but its index is older and knows ${mark?.seq ?? 0}`,
  );
};
