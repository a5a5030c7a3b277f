import type { IncomingMessage } from 'node:http';

/** A JSON head and the bytes of records behind it. */
export interface Message {
  readonly head: unknown;
  readonly bytes: Buffer;
}

const LENGTH_BYTES = 4;

/** Length of the head, the head as JSON, then the bytes as they are. */
export const writeMessage = (head: unknown, bytes?: Buffer): readonly Buffer[] => {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  return bytes === undefined ? [length, text] : [length, text, bytes];
};

/** The bytes are a view of the message. */
export const readMessage = (message: Buffer): Message => {
  const end = LENGTH_BYTES + message.readUInt32BE();
  if (end > message.length) throw new RangeError('the message is shorter than its head');
  const head: unknown = JSON.parse(message.toString('utf8', LENGTH_BYTES, end));
  return { head, bytes: message.subarray(end) };
};

/**
 * All bytes of a body, at most so many. Listens instead of iterating: an iterator takes one turn of
 * the event loop for every few kB, and the owner of a log may be busy between its turns.
 */
export const bodyOf = (message: IncomingMessage, sizeBytesMax = Infinity): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= sizeBytesMax) chunks.push(chunk);
      else reject(new BodyTooLarge(`the body is larger than ${sizeBytesMax} bytes`));
    });
    message.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    message.on('error', reject);
    message.on('close', () => {
      reject(new Error('the connection broke off'));
    });
  });

/** More than one side takes from the other. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}
