import { canonicalJson } from '../../../core/canonical-json.ts';
import { contentHash } from '../../../core/content-hash.ts';
import { DAY_MS } from '../../../core/duration.ts';
import {
  NO_EPISODE,
  stepEpisode,
  type Episode,
  type EpisodeStep,
} from '../../../drift/episodes.ts';
import {
  tickFindings,
  type SeriesFinding,
  type TickFindings,
} from '../../../drift/tick-findings.ts';
import type { Alert } from '../../../schemas/alert.ts';
import type { DriftSignal, DriftState } from '../../../schemas/drift-signal.ts';
import type { SeriesStatistic } from '../../../schemas/partial.ts';
import { jsonStore } from '../../../state/json-store.ts';
import type { Keyed } from '../../../state/keyed.ts';

export const episodesStore = jsonStore<Episode>({
  name: 'drift-episodes',
  version: 1,
  initial: () => NO_EPISODE,
});

/** Tests that wait for those of other partitions at the same tick. */
export const waitingTestsStore = jsonStore<SeriesStatistic>({
  name: 'waiting-tests',
  version: 1,
  initial: (key) => {
    throw new Error(`a test is kept when it comes, not made by its key ${key}`);
  },
});

/** A change of an episode, and the alert that goes with it when it concerns people. */
export interface DriftNews {
  readonly signal: DriftSignal;
  readonly alert: Alert | undefined;
}

type Evidence = Omit<
  DriftSignal,
  'scope' | 'stream' | 'model' | 'severity' | 'episodeId' | 'state'
>;

const GLOBAL = 'model';

const keyOf = (model: string, scope: string): string => `${model}|${scope}`;

const waitingKey = ({ tick, model, seriesId }: SeriesStatistic): string =>
  `${tick}|${model}|${seriesId}`;

/** Judges the tests of all series of a model together, tick by tick, and counts episodes. */
export class DriftWatch {
  private readonly stream: string;
  private readonly episodes: Keyed<Episode>;
  private readonly waiting: Keyed<SeriesStatistic>;

  constructor(
    stream: string,
    stores: { readonly episodes: Keyed<Episode>; readonly waiting: Keyed<SeriesStatistic> },
  ) {
    this.stream = stream;
    this.episodes = stores.episodes;
    this.waiting = stores.waiting;
  }

  wait(statistic: SeriesStatistic): void {
    this.waiting.put(waitingKey(statistic), statistic);
  }

  /** What a tick changes, now that every partition has told of it. */
  *tick(tick: number): Generator<DriftNews> {
    const tested = this.takeWaiting(tick);
    for (const model of this.modelsIn(tested)) {
      const own = tested.filter((statistic) => statistic.model === model);
      yield* this.tickModel(model, tick, own);
    }
  }

  private takeWaiting(tick: number): SeriesStatistic[] {
    const taken: SeriesStatistic[] = [];
    for (const key of [...this.waiting.keys()].sort()) {
      const statistic = this.waiting.find(key);
      if (statistic === undefined || statistic.tick > tick) continue;
      this.waiting.delete(key);
      if (statistic.tick === tick) taken.push(statistic);
    }
    return taken;
  }

  /** Models with tests, and those with episodes that may have to end without any. */
  private modelsIn(tested: readonly SeriesStatistic[]): string[] {
    const open = [...this.episodes.keys()].map((key) => key.slice(0, key.indexOf('|')));
    return [...new Set([...tested.map(({ model }) => model), ...open])].sort();
  }

  private *tickModel(
    model: string,
    tick: number,
    tested: readonly SeriesStatistic[],
  ): Generator<DriftNews> {
    const findings = tickFindings(tested);
    const incident = this.step(keyOf(model, GLOBAL), {
      tick,
      isFlagged: findings.isGlobal,
      isWorse: findings.isGloballyWorse,
    });
    if (incident.reached !== undefined) {
      yield this.news({ model, scope: GLOBAL, ...incident }, globalEvidence(tick, findings));
    }
    // What all have in common is told of once: no series opens an episode of its own meanwhile. An
    // incident that is only suspected tells nobody, so it must not hide a series that is worse.
    const { state } = incident.episode;
    const isShared = state === 'confirmed' || (state === 'quiet' && findings.isGlobal);
    const left = new Set(this.scopesOf(model));
    for (const finding of findings.series) {
      const scope = `series:${finding.tested.seriesId}`;
      left.delete(scope);
      const { isFlagged, isWorse } = finding;
      const isOpen = this.find(keyOf(model, scope)).state !== 'quiet';
      const step = this.step(keyOf(model, scope), {
        tick,
        isFlagged: isFlagged && (isOpen || !isShared),
        isWorse,
      });
      if (step.reached !== undefined) {
        yield this.news({ model, scope, ...step }, seriesEvidence(finding));
      }
    }
    // A series that is no longer tested, as after a promotion, cannot be in alarm for ever.
    for (const scope of [...left].sort()) {
      const step = this.step(keyOf(model, scope), { tick, isFlagged: false, isWorse: false });
      if (step.reached !== undefined) yield this.news({ model, scope, ...step }, noEvidence(tick));
    }
  }

  private scopesOf(model: string): string[] {
    const prefix = `${model}|series:`;
    return [...this.episodes.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(model.length + 1));
  }

  private find(key: string): Episode {
    return this.episodes.find(key) ?? NO_EPISODE;
  }

  private step(key: string, finding: Parameters<typeof stepEpisode>[1]): Stepped {
    const before = this.find(key);
    const { episode, reached } = stepEpisode(before, finding);
    const isForgotten =
      episode.state === 'quiet' && episode.run === 0 && episode.quietUntil <= finding.tick;
    if (!isForgotten) this.episodes.put(key, episode);
    else if (before !== NO_EPISODE) this.episodes.delete(key);
    return { before, episode, reached };
  }

  private news(changed: Changed, evidence: Evidence): DriftNews {
    const { model, scope, before, episode } = changed;
    const state = changed.reached ?? 'cleared';
    const openedAt = state === 'cleared' ? before.openedAt : episode.openedAt;
    const signal: DriftSignal = {
      scope,
      stream: this.stream,
      model,
      ...evidence,
      severity: severityOf(scope, state),
      episodeId: contentHash([this.stream, model, scope, openedAt]),
      state,
    };
    const isTold = state === 'confirmed' || before.state === 'confirmed';
    return { signal, alert: isTold ? alertOf(signal) : undefined };
  }
}

interface Stepped extends EpisodeStep {
  readonly before: Episode;
}

interface Changed extends Stepped {
  readonly model: string;
  readonly scope: string;
}

const severityOf = (scope: string, state: DriftState): DriftSignal['severity'] => {
  if (state === 'cleared') return 'info';
  if (scope === GLOBAL) return state === 'confirmed' ? 'critical' : 'warning';
  return state === 'confirmed' ? 'warning' : 'info';
};

const seriesEvidence = ({ tested, correctedPValue }: SeriesFinding<SeriesStatistic>): Evidence => ({
  detector: tested.detector,
  statistic: tested.statistic,
  pValue: tested.pValue,
  correctedPValue,
  effectSize: tested.effectSize,
  reference: {
    start: tested.referenceStart,
    end: tested.recentStart,
    count: tested.referenceCount,
    mean: tested.referenceMean,
  },
  recent: {
    start: tested.recentStart,
    end: tested.tick,
    count: tested.recentCount,
    mean: tested.recentMean,
  },
});

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Of all flagged series: their share, their mean shift, and the least certain of their p-values.
 */
const globalEvidence = (tick: number, findings: TickFindings<SeriesStatistic>): Evidence => {
  const flagged = findings.series.filter(({ isFlagged }) => isFlagged);
  const tested = flagged.map((finding) => finding.tested);
  if (tested.length === 0) return noEvidence(tick);
  const recentStart = Math.min(...tested.map((one) => one.recentStart));
  return {
    detector: 'share-of-series',
    statistic: flagged.length / findings.series.length,
    pValue: Math.max(...tested.map(({ pValue }) => pValue)),
    correctedPValue: Math.max(...flagged.map(({ correctedPValue }) => correctedPValue)),
    effectSize: meanOf(tested.map(({ effectSize }) => effectSize)),
    reference: {
      start: Math.min(...tested.map(({ referenceStart }) => referenceStart)),
      end: recentStart,
      count: tested.reduce((sum, { referenceCount }) => sum + referenceCount, 0),
      mean: meanOf(tested.map(({ referenceMean }) => referenceMean)),
    },
    recent: {
      start: recentStart,
      end: tick,
      count: tested.reduce((sum, { recentCount }) => sum + recentCount, 0),
      mean: meanOf(tested.map(({ recentMean }) => recentMean)),
    },
  };
};

const noEvidence = (tick: number): Evidence => {
  const empty = { start: tick - DAY_MS, end: tick, count: 0, mean: 0 };
  return {
    detector: 'none',
    statistic: 0,
    pValue: 1,
    correctedPValue: 1,
    effectSize: 0,
    reference: empty,
    recent: empty,
  };
};

const alertOf = (signal: DriftSignal): Alert => {
  const { stream, model, scope, state, severity, episodeId } = signal;
  const what = scope === GLOBAL ? 'many series at once' : scope.slice('series:'.length);
  return {
    id: contentHash(['drift', episodeId]),
    stream,
    kind: 'drift',
    severity,
    state: state === 'cleared' ? 'resolved' : 'firing',
    scope,
    message:
      state === 'cleared'
        ? `the errors of ${model} on ${what} are as before again`
        : `the errors of ${model} on ${what} have changed and its loss is worse`,
    evidence: canonicalJson({
      detector: signal.detector,
      statistic: signal.statistic,
      correctedPValue: signal.correctedPValue,
      effectSize: signal.effectSize,
      episodeId,
    }),
  };
};
