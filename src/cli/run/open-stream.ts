import type { OnnxRuntime } from '../../models/onnx/onnx-forecaster.ts';
import type { ArtifactStore } from '../../registry/artifact-store.ts';
import { namedTrainer } from '../../retraining/trainers/named-trainer.ts';
import { sealed } from '../../retraining/trainers/sealed.ts';
import type { TopicPosition } from '../../schemas/retraining-request.ts';
import { Alignment } from '../../streams/alignment.ts';
import type { Watermark } from '../../streams/watermarks.ts';
import type { Topology } from '../../streams/topology.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ApplicationOptions } from './application-options.ts';
import { isoTime } from '../print.ts';
import { modelNotices } from './model-notices.ts';
import { onnxModelShelf, openJudged } from './onnx-model-shelf.ts';
import { sourcePartitions } from './sources.ts';
import type { StreamParts } from './stream-parts.ts';
import { streamSerdes, type StreamSerdes } from './stream-serdes.ts';
import { streamTopologies, type TaskRole, type TopologyParts } from './stream-topologies.ts';
import { trainingHistory } from './training-history.ts';

export interface OpenStreamOptions extends Omit<ApplicationOptions, 'roles'> {
  readonly parts: StreamParts;
  readonly measured: Metrics;
  readonly artifacts: ArtifactStore;
  readonly runtime: OnnxRuntime;
  readonly roles: readonly TaskRole[];
}

/** The topologies of one stream, and what runs beside them. */
export interface OpenedStream {
  readonly topologies: readonly Topology[];
  /** Rejects when what runs beside the tasks cannot go on. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Stable ends of what a training reads, now. */
const positionsOf =
  ({ opened, parts }: OpenStreamOptions) =>
  async (): Promise<readonly TopicPosition[]> => {
    const positions: TopicPosition[] = [];
    for (const { name, partitions } of [parts.topics.observations, parts.topics.scores]) {
      for (let partition = 0; partition < partitions; partition += 1) {
        const { stableEnd } = await opened.log.offsets(name, partition);
        positions.push({ topic: name, partition, next: stableEnd });
      }
    }
    return positions;
  };

/** What a training learns from, and what it is made with. */
const trainerOf = (
  { opened, parts, artifacts, runtime }: OpenStreamOptions,
  serdes: StreamSerdes,
): TopologyParts['trainer'] => {
  return {
    trainer: namedTrainer(parts.stream.model.trainer),
    artifacts,
    open: openJudged(runtime),
    seal: sealed,
    history: trainingHistory(parts, { log: opened.log, serde: serdes.observation }),
  };
};

/**
 * A partition that is read to the end of the run is idle when all are, or as soon as others wait
 * for it: nothing of it would ever let them go on.
 */
const isEndingOf =
  (
    { parts, isEnding, isRead = () => false }: OpenStreamOptions,
    alignment: Alignment,
  ): TopologyParts['isEnding'] =>
  (partition, next) =>
    isEnding() ||
    (alignment.holdsBack && isRead({ topic: parts.stream.source.topic, partition, next }));

/** Whoever sees lag grow while nothing fails must find out why. */
const onHoldOf =
  ({ logger, parts }: OpenStreamOptions) =>
  ({ topic, partition, watermark }: Watermark): void => {
    const reached = Number.isFinite(watermark) ? isoTime(watermark) : 'no event yet';
    logger.info(
      `partitions of ${topic} wait for partition ${partition}, which has come to ${reached}, ` +
        'until it catches up or has been silent for `idleAfter`',
      { action: 'partitions-wait', labels: { stream: parts.stream.name, topic, partition } },
    );
  };

/** Opens what the tasks of a stream need, and begins to listen how far its partitions are. */
export const openStream = async (options: OpenStreamOptions): Promise<OpenedStream> => {
  const { config, opened, parts, clock, measured, artifacts, runtime } = options;
  const { log, registry } = opened;
  const { stream, features, topics } = parts;
  const serdes = await streamSerdes(parts, registry);
  const rawPartitions = await sourcePartitions(log, config, stream);
  const shelf = onnxModelShelf({ artifacts, runtime, featureSchema: features });
  const alignment = new Alignment({
    log,
    topic: topics.observations.name,
    boundMs: config.limits.alignmentPeriods * stream.periodMs,
    onHold: onHoldOf(options),
  });
  const given: TopologyParts = {
    ...{ config, parts, serdes, rawPartitions, clock, shelf },
    metrics: measured.forecast,
    ...modelNotices(options.logger, stream.name),
    isEnding: isEndingOf(options, alignment),
    isAhead: (watermarkMs) => alignment.isAhead(watermarkMs),
    awakenings: () => alignment.awakenings,
    positions: positionsOf(options),
    trainer: trainerOf(options, serdes),
  };
  const stopping = new AbortController();
  const following = alignment.follow(stopping.signal);
  return {
    topologies: streamTopologies(given, options.roles),
    failed: following.then(() => new Promise<never>(() => undefined)),
    close: async () => {
      stopping.abort();
      alignment.close();
      await following;
    },
  };
};
