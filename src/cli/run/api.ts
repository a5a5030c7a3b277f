import { heardLater } from '../../core/heard-later.ts';
import { decisionWindow } from '../../evaluation/thresholds.ts';
import { openSerde } from '../../schemas/open-serde.ts';
import { openOnline, type Online } from '../../online/online.ts';
import { PER_SERIES, type HttpOptions } from '../../serving/options.ts';
import { startProbes, startServing } from '../../serving/serving.ts';
import { levelStoreFolder } from '../../state/level/level-store.ts';
import type { Worker } from '../../streams/worker.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { dataFolders } from '../data-folders.ts';
import { version } from '../version.ts';
import type { ApplicationOptions } from './application-options.ts';
import type { StreamParts } from './stream-parts.ts';

export interface ApiOptions extends ApplicationOptions {
  readonly parts: readonly StreamParts[];
  readonly http: HttpOptions;
  readonly measured: Metrics;
  readonly worker: Pick<Worker, 'tasks' | 'awaitedGroups'>;
  /** Folders of the dashboard's files. */
  readonly assets: readonly string[];
}

export interface Api {
  readonly address: string;
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

const openView = ({ config, opened, clock, parts, logger }: ApiOptions): Promise<Online> =>
  openOnline({
    log: opened.log,
    registry: opened.registry,
    openSerde,
    topicPrefix: config.kafka.topicPrefix,
    streams: parts.map(({ stream }) => ({ ...stream, levels: stream.forecast.levels })),
    clock,
    folder: levelStoreFolder(dataFolders(config).online),
    onHeldUp: (reason) => logger.warn(reason, { action: 'view-held-up' }),
  });

/**
 * What only the view knows is told at each scrape: accuracy, roles, how recent the data are. It
 * outlives the process, so that a restart hides no metric until its next record.
 */
const scraped = (
  { measured, parts, clock }: ApiOptions,
  { store, progress }: Online,
): Pick<Metrics, 'contentType' | 'text'> => {
  measured.tellView(() => progress);
  measured.tellFreshness((stalestMax) => store.freshness(stalestMax));
  return {
    contentType: measured.contentType,
    async text() {
      const accuracies = await Promise.all(parts.map(({ stream }) => store.accuracy(stream.name)));
      const versions = await store.models();
      const serving = versions.filter(({ role }) => role === 'champion' || role === 'challenger');
      measured.quality.tell({
        accuracies: accuracies.flat(),
        models: serving.map(({ trained: { model, version, sha256 }, role }) => ({
          ...{ model, version, sha256, role },
        })),
        nowMs: clock.now(),
        episodes: store.open.episodes,
        alerts: store.open.alerts,
      });
      return measured.text();
    },
  };
};

/** The view that answers, and the server in front of it. */
export const startApi = async (options: ApiOptions): Promise<Api> => {
  const { config, http, clock, logger, parts, worker, assets } = options;
  const online = await openView(options);
  const failed = heardLater(online.done.then(() => new Promise<never>(() => undefined)));
  try {
    const serving = await startServing({
      http,
      limits: config.limits,
      clock,
      speed: config.clock.speed,
      version: version(),
      streams: parts.map(({ stream }) => ({
        name: stream.name,
        isDefault: stream.isDefault,
        frequency: stream.frequency,
        horizon: stream.forecast.horizon,
        levels: stream.forecast.levels,
        accuracyWindow: decisionWindow(stream.monitoring.windows)?.text ?? '',
        timeZone: typeof stream.timeZone === 'string' ? stream.timeZone : PER_SERIES,
        staleAfterMs: stream.staleAfterMs,
      })),
      online: online.store,
      feed: online.feed,
      tasks: () => worker.tasks,
      awaitedGroups: () => worker.awaitedGroups,
      isReady: online.isCaughtUp,
      viewReason: () => online.progress.reason,
      metrics: scraped(options, online),
      logger,
      assets,
    });
    return {
      address: serving.address,
      failed,
      close: async () => {
        await serving.close();
        await online.close();
      },
    };
  } catch (error) {
    await online.close();
    throw error;
  }
};

/** What a process without a view serves: probes and metrics. */
export const startProbing = async (
  options: Pick<ApiOptions, 'http' | 'measured' | 'worker' | 'logger'>,
): Promise<Api> => {
  const { http, measured, worker, logger } = options;
  const serving = await startProbes({
    ...{ http, logger },
    tasks: () => worker.tasks,
    awaitedGroups: () => worker.awaitedGroups,
    isReady: () => true,
    metrics: measured,
  });
  const failed = new Promise<never>(() => undefined);
  return { address: serving.address, failed, close: () => serving.close() };
};
