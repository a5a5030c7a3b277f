import { Arena } from '../schemas/arena.ts';
import { assert } from '../core/assert.ts';

/**
 * Which block of which key of which store: the key of a changelog record, and with a page in place
 * of the block that of a LevelDB entry.
 */
export interface BlockKey {
  /** `name@version`, so that state written by other code is never read by this one. */
  readonly room: string;
  readonly block: number;
  readonly key: string;
}

/** Readable on purpose: `series-windows@1/0/JFK`. Only the last part may hold a slash. */
export const blockKey = (room: string, block: number, key: string): string =>
  `${room}/${block}/${key}`;

export const parseBlockKey = (text: string): BlockKey => {
  const first = text.indexOf('/');
  const second = text.indexOf('/', first + 1);
  assert(first > 0 && second > first, `not a block key: ${text}`);
  return {
    room: text.slice(0, first),
    block: Number(text.slice(first + 1, second)),
    key: text.slice(second + 1),
  };
};

/** Undocumented, but what `Buffer.write` calls after it has looked at its arguments. */
interface NativeWrites {
  utf8Write(text: string, position: number): number;
}

/** Units of UTF-16 become at most three bytes each. */
const BYTES_PER_UNIT_MAX = 3;

/** Keys of a process go through one arena: a view of it stays true for as long as it is held. */
const arena = new Arena();

/** The block keys of one room as bytes: a commit writes several for each series that it touched. */
export class BlockKeys {
  private readonly room: string;
  /** `room/block/`, by block. */
  private readonly prefixes: Buffer[] = [];

  constructor(room: string) {
    this.room = room;
  }

  of(block: number, key: string): Buffer {
    const prefix = (this.prefixes[block] ??= Buffer.from(blockKey(this.room, block, '')));
    arena.begin();
    arena.reserve(prefix.length + key.length * BYTES_PER_UNIT_MAX);
    const { bytes, position } = arena;
    for (let index = 0; index < prefix.length; index += 1) {
      // Below its length.
      bytes[position + index] = prefix[index] as number;
    }
    const begin = position + prefix.length;
    // Every Buffer has it.
    const written = (bytes as Buffer & NativeWrites).utf8Write(key, begin);
    arena.position = begin + written;
    return arena.take();
  }
}
