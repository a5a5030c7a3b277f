import type { LogRecord, OutgoingRecord } from '../log/log.ts';
import { isWatermark, watermarkRecord } from './watermarks.ts';

const HEADER = 'replay';

/** Older than that of any writer, so that the first who speaks takes its place. */
const NOBODY = '0;replay';

/**
 * Says in a partition between two topologies that what follows begins again, and takes the place of
 * what came before. A watermark that says nothing of time, so that readers who do not know it leave
 * it out as they do others.
 */
export const replayMarker = (
  to: { readonly topic: string; readonly partition: number },
  id: string,
): OutgoingRecord => {
  const silent = { ...to, watermark: -Infinity, idle: false, sources: NOBODY };
  const record = watermarkRecord(to, silent);
  return { ...record, headers: { ...record.headers, [HEADER]: id } };
};

export const isReplayMarker = (record: LogRecord): boolean =>
  record.headers[HEADER] !== undefined && isWatermark(record);
