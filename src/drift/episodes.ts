import { DAY_MS } from '../core/duration.ts';
import type { DriftState } from '../schemas/drift-signal.ts';

/** When flags become an episode, and when an episode ends. Ticks are daily. */
export interface EpisodePolicy {
  /** Flagged ticks in a row that open an episode. */
  readonly openAfter: number;
  /** Of flagged ticks with a worse loss in a row, so many confirm it: each is but a test at 5 %. */
  readonly confirmAfter: number;
  /** Ticks in a row without a flag that end it. */
  readonly clearAfter: number;
  /** Ms after its end in which none is opened. */
  readonly coolDownMs: number;
}

const EPISODE_POLICY: EpisodePolicy = {
  openAfter: 2,
  confirmAfter: 2,
  clearAfter: 2,
  coolDownMs: 7 * DAY_MS,
};

/** What is remembered of one scope: a series, or the model as a whole. */
export interface Episode {
  readonly state: 'quiet' | 'suspected' | 'confirmed';
  /** Ticks in a row that speak against the state: flags while quiet, silence while in alarm. */
  readonly run: number;
  /** Flagged ticks with a worse loss in a row; left out: none. */
  readonly worse?: number;
  /** Epoch ms: the tick that opened it. */
  readonly openedAt: number;
  /** Epoch ms: no episode is opened before. */
  readonly quietUntil: number;
}

export const NO_EPISODE: Episode = {
  state: 'quiet',
  run: 0,
  openedAt: 0,
  quietUntil: Number.MIN_SAFE_INTEGER,
};

/** What one tick says of a scope. */
export interface TickFinding {
  /** Epoch ms. */
  readonly tick: number;
  /** The distribution changed: corrected for multiplicity, and by enough to matter. */
  readonly isFlagged: boolean;
  /** The loss is significantly worse too. */
  readonly isWorse: boolean;
}

/** An episode after a tick, and the state that it has newly reached, if any. */
export interface EpisodeStep {
  readonly episode: Episode;
  readonly reached: DriftState | undefined;
}

/**
 * Counts episodes instead of flags: suspected after flags in a row, confirmed once the loss is
 * worse too for as long, cleared.
 */
export const stepEpisode = (
  episode: Episode,
  finding: TickFinding,
  policy: EpisodePolicy = EPISODE_POLICY,
): EpisodeStep => {
  const worse = finding.isFlagged && finding.isWorse ? (episode.worse ?? 0) + 1 : 0;
  const counted = { ...episode, worse };
  return episode.state === 'quiet'
    ? stepQuiet(counted, finding, policy)
    : stepAlarm(counted, finding, policy);
};

type Counted = Episode & Required<Pick<Episode, 'worse'>>;

const stepQuiet = (
  episode: Counted,
  { tick, isFlagged }: TickFinding,
  { openAfter, confirmAfter }: EpisodePolicy,
): EpisodeStep => {
  if (!isFlagged || tick < episode.quietUntil) {
    return { episode: { ...episode, run: 0, worse: 0 }, reached: undefined };
  }
  const run = episode.run + 1;
  if (run < openAfter) return { episode: { ...episode, run }, reached: undefined };
  const state = episode.worse >= confirmAfter ? 'confirmed' : 'suspected';
  return { episode: { ...episode, state, run: 0, openedAt: tick }, reached: state };
};

const stepAlarm = (
  episode: Counted,
  { tick, isFlagged }: TickFinding,
  { clearAfter, confirmAfter, coolDownMs }: EpisodePolicy,
): EpisodeStep => {
  if (isFlagged) {
    const isNew = episode.worse >= confirmAfter && episode.state === 'suspected';
    const state = isNew ? 'confirmed' : episode.state;
    return { episode: { ...episode, state, run: 0 }, reached: isNew ? 'confirmed' : undefined };
  }
  const run = episode.run + 1;
  if (run < clearAfter) return { episode: { ...episode, run }, reached: undefined };
  return { episode: { ...NO_EPISODE, quietUntil: tick + coolDownMs }, reached: 'cleared' };
};
