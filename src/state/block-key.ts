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

/** What block keys of one room begin with, as bytes: a commit writes several for each series. */
export class BlockKeyPrefixes {
  private readonly room: string;
  private readonly prefixes: Buffer[] = [];

  constructor(room: string) {
    this.room = room;
  }

  /** `room/block/` */
  of(block: number): Buffer {
    return (this.prefixes[block] ??= Buffer.from(blockKey(this.room, block, '')));
  }
}
