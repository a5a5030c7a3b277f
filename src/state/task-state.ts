import { assert } from '../core/assert.ts';
import { blockKey, BlockKeyPrefixes, parseBlockKey } from './block-key.ts';
import { KinRooms, type DeletedVisitor } from './kin-rooms.ts';
import { Keyed, type KeyedDefinition } from './keyed.ts';
import type { StateRoom } from './room.ts';
import { Slab, type SlabDefinition } from './slab.ts';
import type { StoreEntry } from './store.ts';

/** `any` value type, since a topology lists stores of different ones. */
export type StoreDefinition = SlabDefinition | KeyedDefinition<never>;

/** Lists a keyed store among others; the value type comes back with `TaskState.keyed`. */
export const store = <T>(definition: KeyedDefinition<T>): StoreDefinition =>
  // A list of stores only opens and names them; values go in and out through `keyed`, which has the
  // type.
  definition as unknown as KeyedDefinition<never>;

/** A block that changed: its key is the prefix and the key together; null, it is gone. */
export type TouchedVisitor = (prefix: Buffer, key: string, bytes: Uint8Array | null) => void;

/** All that one task remembers, in memory while it runs. */
export class TaskState {
  private readonly definitions: readonly StoreDefinition[];
  private readonly rooms = new Map<string, StateRoom>();
  private readonly prefixes = new Map<string, BlockKeyPrefixes>();
  /** Blocks and pages of versions that this code does not have: kept on disk, not in memory. */
  foreignBlocks = 0;
  /** The rooms of which anything was restored or loaded, those of other versions too. */
  private readonly seen = new Set<string>();

  private readonly kin: KinRooms;
  private isVacated = false;

  constructor(definitions: readonly StoreDefinition[]) {
    this.definitions = definitions;
    this.kin = new KinRooms(definitions.filter((one) => one.kind === 'slab'));
    this.clear();
  }

  /** Forgets everything, before anybody works with it. */
  clear(): void {
    this.rooms.clear();
    this.seen.clear();
    this.foreignBlocks = 0;
    this.kin.clear();
    for (const definition of this.definitions) {
      const room = definition.kind === 'slab' ? new Slab(definition) : new Keyed<never>(definition);
      assert(!this.rooms.has(room.room), `two stores are named ${room.room}`);
      this.rooms.set(room.room, room);
    }
  }

  slab(definition: SlabDefinition): Slab {
    const room = this.rooms.get(`${definition.name}@${definition.version}`);
    assert(room instanceof Slab, `the topology lists no slab ${definition.name}`);
    return room;
  }

  keyed<T>(definition: KeyedDefinition<T>): Keyed<T> {
    const room = this.rooms.get(`${definition.name}@${definition.version}`);
    assert(room instanceof Keyed, `the topology lists no keyed store ${definition.name}`);
    // The room was made from the same definition, by name and version.
    return room as Keyed<T>;
  }

  get sizeBytes(): number {
    let sum = 0;
    for (const { sizeBytes } of this.rooms.values()) sum += sizeBytes;
    return sum;
  }

  /**
   * Stores of which only another version remembers anything: by `name@version`, what this code
   * keeps and what was found.
   */
  get ofOtherVersions(): readonly { readonly kept: string; readonly found: string }[] {
    return [...this.rooms.keys()].flatMap((kept) => {
      const name = kept.slice(0, kept.lastIndexOf('@') + 1);
      const found = [...this.seen].find((room) => room !== kept && room.startsWith(name));
      return found === undefined || this.seen.has(kept) ? [] : [{ kept, found }];
    });
  }

  /** Takes a block from the changelog. */
  restore(text: string, bytes: Uint8Array | null): void {
    const { room, block, key } = parseBlockKey(text);
    const found = this.rooms.get(room);
    if (bytes !== null) this.seen.add(room);
    if (found === undefined) {
      if (!this.kin.restore(room, { block, key }, bytes)) this.foreignBlocks += 1;
    } else if (bytes === null && found instanceof Slab) this.vacate(found);
    else found.restore(block, key, bytes);
  }

  /** Takes an entry of the store. */
  load(text: string, bytes: Uint8Array): void {
    const { room, block: page, key } = parseBlockKey(text);
    const found = this.rooms.get(room);
    this.seen.add(room);
    if (found !== undefined) found.load(page, key, bytes);
    // Pages of another size are not kept: they are taken over from the changelog alone.
    else if (!this.kin.meet(room)) this.foreignBlocks += 1;
  }

  /** Stores of another size were met: pages on disk may be of one that was left since. */
  get isResized(): boolean {
    return this.kin.isMet || this.isVacated;
  }

  /** The changelog has something in another size, which is to be taken over. */
  get hasKin(): boolean {
    return !this.kin.isEmpty;
  }

  /** Takes over what there is in other sizes, as changes of a batch that deletes it. */
  takeOverKin(visit: DeletedVisitor): void {
    this.kin.handOver((heir) => {
      const slab = this.rooms.get(heir);
      assert(slab instanceof Slab, `the topology lists no slab ${heir}`);
      return slab;
    }, visit);
  }

  /** Visits what this batch touched. */
  visitTouched(visit: TouchedVisitor): void {
    for (const [name, room] of this.rooms) {
      const prefixes = this.prefixesOf(name);
      room.visitTouched((block, key, bytes) => {
        visit(prefixes.of(block), key, bytes);
      });
    }
  }

  /** Begins a round of what the store lacks: everything that was committed up to now. */
  beginFlush(): void {
    for (const room of this.rooms.values()) room.beginFlush();
  }

  /**
   * The next entries of the round, at most so many; fewer: it is over. Pages are as they now stand,
   * and views: to be written or copied before the next batch.
   */
  takeUnflushed(max: number): readonly StoreEntry[] {
    const entries: StoreEntry[] = [];
    for (const room of this.rooms.values()) {
      room.takeUnflushed(max - entries.length, (page, key, value) => {
        entries.push({ key: blockKey(room.room, page, key), value });
      });
      if (entries.length === max) break;
    }
    return entries;
  }

  /** A slab deletes no rows; it is left as a whole, for one of another size. */
  private vacate({ room, size }: Slab): void {
    if (size === 0) return;
    const definition = this.definitions.find((one) => `${one.name}@${one.version}` === room);
    assert(definition?.kind === 'slab', `the topology lists no slab ${room}`);
    this.rooms.set(room, new Slab(definition));
    this.isVacated = true;
  }

  private prefixesOf(name: string): BlockKeyPrefixes {
    const known = this.prefixes.get(name);
    if (known !== undefined) return known;
    const made = new BlockKeyPrefixes(name);
    this.prefixes.set(name, made);
    return made;
  }

  committed(): void {
    for (const room of this.rooms.values()) room.committed();
  }

  rollback(): void {
    for (const room of this.rooms.values()) room.rollback();
  }
}
