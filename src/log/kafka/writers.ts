/** One for each task of a topology with the usual four partitions; more were not tried. */
export const CONNECTIONS_MAX = 4;

/** What producers need of a set of connections, beside using it. */
interface Connections {
  close(): Promise<void>;
}

/**
 * Connections that producers share. A broker does what it is asked on one connection piece by
 * piece: over a single one, the commit of each task waits for those of all others.
 */
export class Writers<T extends Connections> {
  private readonly open: () => Promise<T>;
  private readonly places: (Promise<T> | undefined)[] = [];
  private count = 0;

  constructor(open: () => Promise<T>) {
    this.open = open;
  }

  /** One after the other, so that each has as many producers as the others. */
  async next(): Promise<T> {
    const place = this.count % CONNECTIONS_MAX;
    this.count += 1;
    const known = this.places[place];
    if (known !== undefined) return known;
    const opening = this.open();
    this.places[place] = opening;
    try {
      return await opening;
    } catch (error) {
      // Whoever comes next tries again.
      this.places[place] = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.places.map(async (opening) => (await opening)?.close()));
  }
}
