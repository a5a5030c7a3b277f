import type { KeptEvent } from '../../../features/distinct-events.ts';
import type { Keyed, KeyedDefinition } from '../../../state/keyed.ts';

/** What an event says beside its key, [series, period, id] as JSON. */
interface Said {
  readonly eventTimeMs: number;
  readonly value: number | null;
  readonly order: number;
}

/** Events of open periods that name an id. */
export const openEventsStore: KeyedDefinition<Said> = {
  kind: 'keyed',
  name: 'open-events',
  version: 1,
  initial: () => ({ eventTimeMs: 0, value: null, order: 0 }),
  clone: (said) => said,
  encode: ({ eventTimeMs, value, order }) =>
    new Uint8Array(Float64Array.of(eventTimeMs, value ?? Number.NaN, order).buffer),
  decode: (bytes) => {
    // Copied, because bytes within a larger buffer need not lie on a multiple of eight.
    const [eventTimeMs = 0, value = 0, order = 0] = new Float64Array(new Uint8Array(bytes).buffer);
    return { eventTimeMs, value: Number.isNaN(value) ? null : value, order };
  },
};

/** Remembers events in the state of a task. */
export class OpenEvents {
  private readonly keyed: Keyed<Said>;

  constructor(keyed: Keyed<Said>) {
    this.keyed = keyed;
  }

  all(): readonly KeptEvent[] {
    return [...this.keyed.keys()].flatMap((key) => {
      const said = this.keyed.find(key);
      if (said === undefined) return [];
      // Written by `keyOf`, under the same store version.
      const [seriesId, period, id] = JSON.parse(key) as [string, number, string];
      return [{ seriesId, period, id, ...said }];
    });
  }

  put(event: KeptEvent): void {
    const { eventTimeMs, value, order } = event;
    this.keyed.put(keyOf(event), { eventTimeMs, value, order });
  }

  delete(event: KeptEvent): void {
    this.keyed.delete(keyOf(event));
  }
}

const keyOf = ({ seriesId, period, id }: KeptEvent): string =>
  JSON.stringify([seriesId, period, id]);
