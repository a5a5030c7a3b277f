// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import type { LocalClock } from './local-clock.ts';
import type { ProfileSource } from './profile-source.ts';
import type { Row } from './row.ts';
import type { Kept, RowState } from './row-state.ts';
import { slotOf } from './series-window.ts';

/**
 * The profiles of a row, one after the other, each as a ring of a horizon. A value belongs to its
 * target, so from one origin to the next it stays where it is, and only that of the last step is
 * new, with those of steps whose lags change.
 */
export class ProfileTable implements Kept {
  readonly words: number;
  private readonly sources: readonly ProfileSource[];
  private readonly horizon: number;
  private readonly clock: LocalClock;

  constructor(sources: readonly ProfileSource[], horizon: number, clock: LocalClock) {
    this.sources = sources;
    this.horizon = horizon;
    this.clock = clock;
    this.words = sources.length * horizon;
  }

  advance(row: Row, words: Float64Array, at: number): void {
    const { clock, horizon, sources } = this;
    const margin = 2 * clock.slack;
    // Around a change of the clock, what is known of "the same slot" depends on the origin.
    if (!clock.isSteady(row.origin - margin, row.origin + horizon + margin)) {
      this.rebuild(row, words, at);
      return;
    }
    const first = slotOf(row.origin + 1, horizon);
    for (let index = 0; index < sources.length; index += 1) {
      const source = sources[index] as ProfileSource;
      for (const step of source.freshSteps) {
        const slot = first + step;
        const to = at + index * horizon + (slot < horizon ? slot : slot - horizon);
        words[to] = source.value(row, step + 1);
      }
    }
  }

  rebuild(row: Row, words: Float64Array, at: number): void {
    const { horizon } = this;
    const first = slotOf(row.origin + 1, horizon);
    let ring = at;
    for (const source of this.sources) {
      for (let step = 0; step < horizon; step += 1) {
        words[ring + ((first + step) % horizon)] = source.value(row, step + 1);
      }
      ring += horizon;
    }
  }

  /** Writes what is kept at `keptAt`, each profile from its first step on. */
  // eslint-disable-next-line max-params -- an object a row would be garbage
  write({ row, words, at }: RowState, keptAt: number, out: Float64Array, to: number): void {
    const { horizon } = this;
    const first = slotOf(row.origin + 1, horizon);
    const begin = at + keptAt;
    const end = begin + this.words;
    let next = to;
    for (let ring = begin; ring < end; ring += horizon) {
      for (let index = ring + first; index < ring + horizon; index += 1) {
        out[next] = words[index] as number;
        next += 1;
      }
      for (let index = ring; index < ring + first; index += 1) {
        out[next] = words[index] as number;
        next += 1;
      }
    }
  }
}
