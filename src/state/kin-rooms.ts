import { assert } from '../core/assert.ts';
import { BlockKeyPrefixes } from './block-key.ts';
import { Slab, type SlabDefinition, type SlabKin, type SlabRow } from './slab.ts';

/** A store as an earlier configuration sized it. */
interface KinRoom {
  readonly kin: SlabKin;
  readonly slab: Slab;
  /** The room of the store that takes its place. */
  readonly heir: string;
}

interface BlockPlace {
  readonly block: number;
  readonly key: string;
}

const rowsOf = (slab: Slab): readonly SlabRow[] =>
  [...slab.keys()].flatMap((key) => slab.find(key) ?? []);

/** Visits the keys of blocks that are to be deleted from the changelog: prefix and key together. */
export type DeletedVisitor = (prefix: Buffer, key: string) => void;

const visitBlocks = (slab: Slab, { definition }: SlabKin, visit: DeletedVisitor): void => {
  const prefixes = new BlockKeyPrefixes(slab.room);
  for (const { key } of rowsOf(slab)) {
    for (const block of definition.blockBytes.keys()) visit(prefixes.of(block), key);
  }
};

/**
 * What a changelog has of the stores of a task in other sizes, until the stores of now have taken
 * it over and the changelog knows.
 */
export class KinRooms {
  /** Something of them was met, even if it is gone by now. */
  isMet = false;
  private readonly heirs: readonly SlabDefinition[];
  private readonly rooms = new Map<string, KinRoom>();
  /** The room that was written to last. */
  private last = '';

  constructor(heirs: readonly SlabDefinition[]) {
    this.heirs = heirs;
  }

  get isEmpty(): boolean {
    return this.rooms.size === 0;
  }

  clear(): void {
    this.rooms.clear();
    this.last = '';
  }

  /** Notes that a page of a room was met; false: it is of no other size. */
  meet(room: string): boolean {
    if (!this.rooms.has(room) && this.kinOf(room) === undefined) return false;
    this.isMet = true;
    return true;
  }

  /** Takes a block from the changelog; false: its room is of no other size. */
  restore(room: string, { block, key }: BlockPlace, bytes: Uint8Array | null): boolean {
    if (!this.meet(room)) return false;
    // Rooms are left as a whole, in one transaction.
    if (bytes === null) this.rooms.delete(room);
    else {
      this.opened(room).slab.restore(block, key, bytes);
      this.last = room;
    }
    return true;
  }

  /**
   * Fills the stores of now where they hold nothing yet: from the room that was written last, if an
   * earlier version left several. All of them are to be deleted.
   */
  handOver(slabOf: (heir: string) => Slab, visit: DeletedVisitor): void {
    const last = this.rooms.get(this.last);
    const others = [...this.rooms.values()].filter((room) => room !== last);
    for (const { kin, slab, heir } of last === undefined ? others : [last, ...others]) {
      const to = slabOf(heir);
      if (to.size === 0) for (const row of rowsOf(slab)) kin.take(row, to.row(row.key));
      visitBlocks(slab, kin, visit);
    }
    this.clear();
  }

  private opened(room: string): KinRoom {
    const known = this.rooms.get(room);
    if (known !== undefined) return known;
    const found = this.kinOf(room);
    assert(found !== undefined, `${room} is no store of another size`);
    const made = { ...found, slab: new Slab(found.kin.definition) };
    this.rooms.set(room, made);
    return made;
  }

  private kinOf(room: string): Omit<KinRoom, 'slab'> | undefined {
    for (const { name, version, kinOf } of this.heirs) {
      const kin = kinOf?.(room);
      if (kin !== undefined) return { kin, heir: `${name}@${version}` };
    }
    return undefined;
  }
}
