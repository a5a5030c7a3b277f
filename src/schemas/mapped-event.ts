/** A raw record as an event of a series, or the reason why it is none. */
export type MappedEvent =
  | {
      readonly ok: true;
      readonly seriesId: string;
      /** Epoch ms. */
      readonly eventTimeMs: number;
      /** null: known to be missing, or not read because the stream only counts. */
      readonly value: number | null;
      readonly attributes: Readonly<Record<string, string>>;
      /** By which a repetition is known; absent when the source names no such field. */
      readonly id?: string;
    }
  | { readonly ok: false; readonly reason: string; readonly detail: string };
