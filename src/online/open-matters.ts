import type { Alert } from '../schemas/alert.ts';
import type { DriftSignal } from '../schemas/drift-signal.ts';

/** Far more than anybody looks into; of a stream with more in drift, that it drifts is clear. */
const OPEN_MAX = 10_000;

export interface OpenEpisodes {
  readonly stream: string;
  readonly model: string;
  readonly count: number;
}

export interface OpenAlerts {
  readonly stream: string;
  readonly kind: string;
  readonly severity: string;
  readonly count: number;
}

type Episode = Omit<OpenEpisodes, 'count'>;
type Firing = Omit<OpenAlerts, 'count'>;

/** As it is kept between two runs. */
export interface SavedMatters {
  readonly episodes: ReadonlyMap<string, Episode>;
  readonly alerts: ReadonlyMap<string, Firing>;
}

const keep = <T>(open: Map<string, T>, key: string, value: T | undefined): void => {
  if (value === undefined) open.delete(key);
  else if (open.size < OPEN_MAX || open.has(key)) open.set(key, value);
};

const counted = <T>(open: ReadonlyMap<string, T>): readonly (T & { readonly count: number })[] => {
  const counts = new Map<string, T & { count: number }>();
  for (const one of open.values()) {
    const name = JSON.stringify(one);
    const known = counts.get(name);
    if (known === undefined) counts.set(name, { ...one, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()];
};

/** What has begun and not ended: confirmed episodes of drift, and alerts that fire. */
export class OpenMatters {
  private readonly byEpisode = new Map<string, Episode>();
  private readonly byAlert = new Map<string, Firing>();

  drifted({ stream, model, scope, episodeId, state }: DriftSignal): void {
    const key = `${stream}|${scope}|${episodeId}`;
    // One that is suspected concerns nobody yet.
    if (state !== 'suspected') {
      keep(this.byEpisode, key, state === 'confirmed' ? { stream, model } : undefined);
    }
  }

  alerted({ id, stream, kind, severity, state }: Alert): void {
    keep(this.byAlert, id, state === 'firing' ? { stream, kind, severity } : undefined);
  }

  get episodes(): readonly OpenEpisodes[] {
    return counted(this.byEpisode);
  }

  get alerts(): readonly OpenAlerts[] {
    return counted(this.byAlert);
  }

  get saved(): SavedMatters {
    return { episodes: this.byEpisode, alerts: this.byAlert };
  }

  restore({ episodes, alerts }: SavedMatters): void {
    for (const [key, episode] of episodes) keep(this.byEpisode, key, episode);
    for (const [key, firing] of alerts) keep(this.byAlert, key, firing);
  }
}
