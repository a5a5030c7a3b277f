// Hot file: indices are in range by construction, so typed-array reads are narrowed with `as
// number`.
import type { LocalClock } from './local-clock.ts';
import type { ProfileSource } from './profile-source.ts';
import type { Row } from './row.ts';
import type { Kept } from './row-state.ts';

/**
 * The profiles of a row, one after the other. A value belongs to its target, so from one origin to
 * the next the table moves by one step and only the last step is new, with those whose lags change.
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
    words.copyWithin(at, at + 1, at + this.words);
    for (let index = 0; index < sources.length; index += 1) {
      const source = sources[index] as ProfileSource;
      const { freshSteps } = source;
      for (const step of freshSteps) {
        words[at + index * horizon + step] = source.value(row, step + 1);
      }
    }
  }

  rebuild(row: Row, words: Float64Array, at: number): void {
    let next = at;
    for (const source of this.sources) {
      for (let step = 1; step <= this.horizon; step += 1) {
        words[next] = source.value(row, step);
        next += 1;
      }
    }
  }
}
