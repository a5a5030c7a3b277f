import type { SlabRow } from './slab-row.ts';

export interface SlabDefinition {
  readonly kind: 'slab';
  readonly name: string;
  /** Must change whenever the layout or the meaning of a byte does. */
  readonly version: number;
  /** Size of each block in bytes, a multiple of 8: the unit of undo and changelog. */
  readonly blockBytes: readonly number[];
  /** The same store in another size, by its room; undefined: the room is no such. */
  readonly kinOf?: (room: string) => SlabKin | undefined;
}

/** A store as another configuration sizes it. */
export interface SlabKin {
  readonly definition: SlabDefinition;
  /** Takes over what a row of it holds, as far as it fits, into a new one. */
  readonly take: (from: SlabRow, to: SlabRow) => void;
}
