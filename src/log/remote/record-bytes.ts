import type { Headers, LogRecord, OutgoingRecord } from '../log.ts';
import { offset } from '../offset.ts';
import type { Place } from './protocol.ts';

/** What a record of a request and one of an answer have alike. */
type Content = Pick<LogRecord, 'key' | 'value' | 'headers'>;

/** Stands for the length of what is null. */
const NULL_LENGTH = -1;
const LENGTHS_BYTES = 12;
const PLACE_BYTES = 4;
/** Offset and append time, as the numbers that they are. */
const POSITION_BYTES = 16;

const headerText = (headers: Headers): string =>
  Object.keys(headers).length === 0 ? '' : JSON.stringify(headers);

interface Sized {
  readonly content: Content;
  readonly headers: string;
  readonly bytes: number;
}

const sized = (content: Content): Sized => {
  const headers = headerText(content.headers);
  const bytes =
    LENGTHS_BYTES +
    (content.key?.length ?? 0) +
    (content.value?.length ?? 0) +
    Buffer.byteLength(headers);
  return { content, headers, bytes };
};

/** Writes one behind the other; big-endian. */
class RecordWriter {
  readonly buffer: Buffer;
  private at = 0;

  constructor(sizeBytes: number) {
    this.buffer = Buffer.allocUnsafe(sizeBytes);
  }

  place(number: number): void {
    this.at = this.buffer.writeUInt32BE(number, this.at);
  }

  position({ offset: at, appendedAtMs }: LogRecord): void {
    this.at = this.buffer.writeDoubleBE(at, this.at);
    this.at = this.buffer.writeDoubleBE(appendedAtMs, this.at);
  }

  content({ content: { key, value }, headers }: Sized): void {
    this.at = this.buffer.writeInt32BE(key?.length ?? NULL_LENGTH, this.at);
    this.at = this.buffer.writeInt32BE(value?.length ?? NULL_LENGTH, this.at);
    this.at = this.buffer.writeUInt32BE(Buffer.byteLength(headers), this.at);
    if (key !== null) this.at += key.copy(this.buffer, this.at);
    if (value !== null) this.at += value.copy(this.buffer, this.at);
    this.at += this.buffer.write(headers, this.at);
  }
}

class RecordReader {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  get isDone(): boolean {
    return this.at >= this.buffer.length;
  }

  place(): number {
    return this.buffer.readUInt32BE(this.skip(PLACE_BYTES));
  }

  position(): Pick<LogRecord, 'offset' | 'appendedAtMs'> {
    const at = this.skip(POSITION_BYTES);
    return {
      offset: offset(this.buffer.readDoubleBE(at)),
      appendedAtMs: this.buffer.readDoubleBE(at + POSITION_BYTES / 2),
    };
  }

  content(): Content {
    const at = this.skip(LENGTHS_BYTES);
    const keyLength = this.buffer.readInt32BE(at);
    const valueLength = this.buffer.readInt32BE(at + 4);
    const headersLength = this.buffer.readUInt32BE(at + 8);
    return {
      key: this.bytes(keyLength),
      value: this.bytes(valueLength),
      // Written by `headerText` alone.
      headers:
        headersLength === 0
          ? {}
          : (JSON.parse(String(this.bytes(headersLength))) as LogRecord['headers']),
    };
  }

  private bytes(length: number): Buffer | null {
    if (length === NULL_LENGTH) return null;
    const at = this.skip(length);
    return this.buffer.subarray(at, at + length);
  }

  /** Where the next `count` bytes are; what was cut off is refused, never read short. */
  private skip(count: number): number {
    const { at } = this;
    if (count < 0 || at + count > this.buffer.length) throw new RangeError('a record is cut off');
    this.at += count;
    return at;
  }
}

export interface EncodedRecords {
  readonly places: readonly Place[];
  readonly bytes: Buffer;
}

/** Records of a request; their topics and partitions are named once. */
export const encodeOutgoing = (records: readonly OutgoingRecord[]): EncodedRecords => {
  const numbers = new Map<string, number>();
  const places: Place[] = [];
  const numberOf = ({ topic, partition }: OutgoingRecord): number => {
    const name = `${topic}/${partition}`;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, places.length);
    return places.push([topic, partition]) - 1;
  };
  const contents = records.map(({ key, value, headers = {} }) => sized({ key, value, headers }));
  const writer = new RecordWriter(
    contents.reduce((sum, { bytes }) => sum + PLACE_BYTES + bytes, 0),
  );
  for (const [index, content] of contents.entries()) {
    const record = records[index];
    if (record !== undefined) writer.place(numberOf(record));
    writer.content(content);
  }
  return { places, bytes: writer.buffer };
};

export const decodeOutgoing = ({ places, bytes }: EncodedRecords): readonly OutgoingRecord[] => {
  const reader = new RecordReader(bytes);
  const records: OutgoingRecord[] = [];
  while (!reader.isDone) {
    const place = places[reader.place()];
    if (place === undefined) throw new RangeError('a record names no place');
    const [topic, partition] = place;
    records.push({ topic, partition, ...reader.content() });
  }
  return records;
};

/** Records of an answer, all of one partition. */
export const encodeRecords = (records: readonly LogRecord[]): Buffer => {
  const contents = records.map(sized);
  const writer = new RecordWriter(
    contents.reduce((sum, { bytes }) => sum + POSITION_BYTES + bytes, 0),
  );
  for (const [index, content] of contents.entries()) {
    const record = records[index];
    if (record !== undefined) writer.position(record);
    writer.content(content);
  }
  return writer.buffer;
};

export const decodeRecords = ([topic, partition]: Place, bytes: Buffer): readonly LogRecord[] => {
  const reader = new RecordReader(bytes);
  const records: LogRecord[] = [];
  while (!reader.isDone) {
    records.push({ topic, partition, ...reader.position(), ...reader.content() });
  }
  return records;
};
