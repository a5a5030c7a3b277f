import { openSerde } from '../../schemas/open-serde.ts';
import { openOnline, type Online } from '../../online/online.ts';
import { startServing } from '../../serving/serving.ts';
import { levelStoreFolder } from '../../state/level/level-store.ts';
import type { Worker } from '../../streams/worker.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { dataFolders } from '../data-folders.ts';
import { version } from '../version.ts';
import type { ApplicationOptions } from './application-options.ts';
import type { StreamParts } from './stream-parts.ts';

export interface ApiOptions extends ApplicationOptions {
  readonly parts: readonly StreamParts[];
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

const openView = ({ config, opened, clock, parts }: ApiOptions): Promise<Online> =>
  openOnline({
    log: opened.log,
    registry: opened.registry,
    openSerde,
    topicPrefix: config.kafka.topicPrefix,
    streams: parts.map(({ stream }) => ({ ...stream, levels: stream.forecast.levels })),
    clock,
    folder: levelStoreFolder(dataFolders(config).online),
  });

/**
 * What only the view knows is told at each scrape: accuracy, roles, how recent the data are. It
 * outlives the process, so that a restart hides no metric until its next record.
 */
const scraped = (
  { measured, parts }: ApiOptions,
  { store }: Online,
): Pick<Metrics, 'contentType' | 'text'> => {
  measured.tellFreshness((stalestMax) => store.freshness(stalestMax));
  return {
    contentType: measured.contentType,
    async text() {
      for (const { stream } of parts) {
        for (const accuracy of await store.accuracy(stream.name)) {
          measured.quality.accuracy(accuracy);
        }
      }
      const versions = await store.models();
      const serving = versions.filter(({ role }) => role === 'champion' || role === 'challenger');
      measured.quality.models(
        serving.map(({ trained: { model, version, sha256 }, role }) => ({
          model,
          version,
          sha256,
          role,
        })),
      );
      return measured.text();
    },
  };
};

/** The view that answers, and the server in front of it. */
export const startApi = async (options: ApiOptions): Promise<Api> => {
  const { config, clock, logger, parts, worker, assets } = options;
  const online = await openView(options);
  try {
    const serving = await startServing({
      http: config.http,
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
        timeZone: typeof stream.timeZone === 'string' ? stream.timeZone : 'per series',
        staleAfterMs: stream.staleAfterMs,
      })),
      online: online.store,
      feed: online.feed,
      tasks: () => worker.tasks,
      awaitedGroups: () => worker.awaitedGroups,
      isReady: online.isCaughtUp,
      metrics: scraped(options, online),
      logger,
      assets,
    });
    return {
      address: serving.address,
      failed: online.done.then(() => new Promise<never>(() => undefined)),
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
