import { assert } from '../core/assert.ts';
import type { BlockVisitor, StateRoom } from './room.ts';

export interface KeyedDefinition<T> {
  readonly kind: 'keyed';
  readonly name: string;
  /** Must change whenever the encoding or the meaning of a value does. */
  readonly version: number;
  readonly initial: (key: string) => T;
  /** A copy that shares nothing mutable with the value: what a failed batch goes back to. */
  readonly clone: (value: T) => T;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
}

/** A store of small values of any shape, one block a key, encoded once a commit. */
export class Keyed<T> implements StateRoom {
  readonly room: string;
  private readonly values = new Map<string, T>();
  private readonly definition: KeyedDefinition<T>;
  /** What each touched key held when the batch began; undefined: it was absent. */
  private readonly before = new Map<string, T | undefined>();
  private unflushed = new Set<string>();
  private flushing = new Set<string>();

  constructor(definition: KeyedDefinition<T>) {
    this.definition = definition;
    this.room = `${definition.name}@${definition.version}`;
  }

  get size(): number {
    return this.values.size;
  }

  /** Values have no fixed size; what they hold is bounded by their own limits. */
  get sizeBytes(): number {
    return 0;
  }

  keys(): IterableIterator<string> {
    return this.values.keys();
  }

  /** For reading only: a value that is to change comes from `touch`. */
  find(key: string): Readonly<T> | undefined {
    return this.values.get(key);
  }

  /** The value of a key, to be changed in place in this batch; new when absent. */
  touch(key: string): T {
    const value = this.values.get(key);
    if (value !== undefined && this.before.has(key)) return value;
    if (!this.before.has(key)) {
      this.before.set(key, value === undefined ? undefined : this.definition.clone(value));
    }
    const next = value ?? this.definition.initial(key);
    this.values.set(key, next);
    return next;
  }

  put(key: string, value: T): void {
    if (!this.before.has(key)) this.before.set(key, this.values.get(key));
    this.values.set(key, value);
  }

  delete(key: string): void {
    if (!this.before.has(key)) this.before.set(key, this.values.get(key));
    this.values.delete(key);
  }

  restore(block: number, key: string, bytes: Uint8Array | null): void {
    assert(block === 0, `${this.room} has one block a key, not ${block}`);
    if (bytes === null) this.values.delete(key);
    else this.values.set(key, this.definition.decode(bytes));
    this.unflushed.add(key);
  }

  load(page: number, key: string, bytes: Uint8Array): void {
    assert(page === 0, `${this.room} has one page a key, not ${page}`);
    this.values.set(key, this.definition.decode(bytes));
  }

  visitTouched(visit: BlockVisitor): void {
    for (const [key, before] of this.before) {
      const bytes = this.encoded(key);
      // Made and dropped within one batch: the log never knew it.
      if (bytes !== null || before !== undefined) visit(0, key, bytes);
    }
  }

  committed(): void {
    for (const key of this.before.keys()) this.unflushed.add(key);
    this.before.clear();
  }

  rollback(): void {
    for (const [key, value] of this.before) {
      if (value === undefined) this.values.delete(key);
      else this.values.set(key, value);
    }
    this.before.clear();
  }

  beginFlush(): void {
    assert(this.flushing.size === 0, `a round of ${this.room} is not over`);
    [this.flushing, this.unflushed] = [this.unflushed, this.flushing];
  }

  takeUnflushed(max: number, visit: BlockVisitor): number {
    let count = 0;
    for (const key of this.flushing) {
      if (count === max) break;
      this.flushing.delete(key);
      visit(0, key, this.encoded(key));
      count += 1;
    }
    return count;
  }

  private encoded(key: string): Uint8Array | null {
    const value = this.values.get(key);
    return value === undefined ? null : this.definition.encode(value);
  }
}
