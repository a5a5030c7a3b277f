import { HttpFailure, InvalidRequest } from './failures.ts';
import type { ServedStream } from './options.ts';

/** The stream that a request means: the named one, or the default. */
export const streamNamed = (
  streams: readonly ServedStream[],
  name: string | undefined,
  part: 'body' | 'query',
): ServedStream => {
  const names = streams.map((stream) => stream.name).join(', ');
  const found = streams.find((stream) =>
    name === undefined ? stream.isDefault : stream.name === name,
  );
  if (found !== undefined) return found;
  if (name === undefined) {
    const msg = `there is no default stream: name one of ${names}`;
    throw new InvalidRequest([{ loc: [part, 'stream'], msg, type: 'required' }]);
  }
  throw new HttpFailure(
    { status: 404, code: 'STREAM_UNKNOWN' },
    `there is no stream of that name; streams: ${names}`,
  );
};
