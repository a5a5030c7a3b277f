import type { FastifyInstance } from 'fastify';
import { finiteOrNull } from '../../core/finite-or-null.ts';
import type { ServedStream, ServingOptions } from '../options.ts';
import { statusResponse, type StatusResponse, type TaskResponse } from '../responses.ts';
import { servedEvent } from '../served-events.ts';
import type { TaskStatus } from '../../streams/task-status.ts';

const EVENTS_MAX = 200;

const servedTask = (task: TaskStatus): TaskResponse => ({
  topology: task.topology,
  stream: task.stream,
  partition: task.partition,
  state: task.state,
  commits: task.commits,
  watermark: finiteOrNull(task.watermark),
  stateBytes: task.stateBytes,
  lagRecords: task.lagRecords ?? null,
  error: task.error ?? null,
});

/**
 * How far the event time of a stream is complete: where forecasts are made. What another worker has
 * by now stands here as it was when it went there.
 */
const watermarkOf = (tasks: readonly TaskStatus[], stream: string): number | null => {
  const own = tasks.filter(
    (task) => task.stream === stream && task.topology === 'forecasting' && task.state !== 'CLOSED',
  );
  return own.length === 0 ? null : finiteOrNull(Math.min(...own.map(({ watermark }) => watermark)));
};

type StreamStatus = StatusResponse['streams'][number];

const servedStream = async (
  options: ServingOptions,
  stream: ServedStream,
): Promise<StreamStatus> => {
  const { online, tasks } = options;
  const { seriesCount, freshCount, deadCount } = await online.summary(stream.name);
  const champion = (await online.models()).find(
    ({ role, trained }) => role === 'champion' && trained.stream === stream.name,
  );
  const { name, isDefault, frequency, horizon, levels, accuracyWindow, timeZone } = stream;
  return {
    name,
    isDefault,
    frequency,
    horizon,
    levels: [...levels],
    accuracyWindow,
    timeZone,
    seriesCount,
    deadCount,
    watermark: watermarkOf(tasks(), name),
    champion:
      champion === undefined
        ? null
        : { model: champion.trained.model, version: champion.trained.version },
    freshShare: seriesCount === deadCount ? null : freshCount / (seriesCount - deadCount),
  };
};

export const statusRoute = (app: FastifyInstance, options: ServingOptions): void => {
  const { online, version, clock, speed, streams, tasks } = options;
  app.get(
    '/status',
    {
      schema: {
        tags: ['health'],
        summary: 'Streams, tasks and the last events at one glance',
        response: { 200: statusResponse },
      },
    },
    async (): Promise<StatusResponse> => ({
      version,
      now: clock.now(),
      speed,
      streams: await Promise.all(streams.map((stream) => servedStream(options, stream))),
      tasks: tasks().map(servedTask),
      events: (await online.events(EVENTS_MAX)).map(servedEvent),
    }),
  );
};
