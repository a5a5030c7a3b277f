import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { TaskStatus } from '../../streams/task-status.ts';
import type { ServingOptions } from '../options.ts';
import {
  healthResponse,
  readyResponse,
  type HealthResponse,
  type ReadyResponse,
} from '../responses.ts';

const named = ({ topology, stream, partition }: TaskStatus): string =>
  `${stream}.${topology}.${partition}`;

/** Why a request would not get the answer that it should; none: all is well. */
const reasonsOf = ({ tasks, isReady }: ServingOptions): string[] => {
  const reasons = tasks().flatMap((task) => {
    switch (task.state) {
      case 'RUNNING':
        return [];
      case 'RESTORING':
        return [`${named(task)} restores its state`];
      case 'BACKING_OFF':
        return [`${named(task)} failed and will try again: ${task.error ?? 'no reason given'}`];
      case 'HALTED':
        return [`${named(task)} has stopped: ${task.error ?? 'no reason given'}`];
      case 'CLOSED':
        return [`${named(task)} is closed`];
    }
  });
  return isReady() ? reasons : [...reasons, 'how far behind the view is, is not known yet'];
};

const health = async (options: ServingOptions): Promise<HealthResponse> => {
  const { tasks, isReady, online, version, streams } = options;
  const champions = new Set(
    (await online.models())
      .filter(({ role }) => role === 'champion')
      .map(({ trained }) => trained.stream),
  );
  const names = streams.map(({ name }) => name);
  const isWell = tasks().every(({ state }) => state === 'RUNNING' || state === 'CLOSED');
  const isStarting = !isReady() || tasks().some(({ state }) => state === 'RESTORING');
  return {
    status: isStarting ? 'starting' : isWell ? 'ok' : 'degraded',
    model_loaded: names.length > 0 && names.every((name) => champions.has(name)),
    version,
    streams: names,
  };
};

/** Open to everyone, since a probe has no token. */
export const probeRoutes = (app: FastifyInstance, options: ServingOptions): void => {
  const tags = ['health'];
  app.get(
    '/health',
    {
      schema: {
        tags,
        summary: 'Is it well, and is a model there?',
        response: { 200: healthResponse },
      },
    },
    async () => health(options),
  );
  app.get(
    '/livez',
    {
      schema: {
        tags,
        summary: 'Does the event loop turn?',
        response: { 200: Type.Object({ alive: Type.Boolean() }) },
      },
    },
    async () => ({ alive: true }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        tags,
        summary: 'May requests come?',
        response: { 200: readyResponse, 503: readyResponse },
      },
    },
    async (_request, reply) => {
      const reasons = reasonsOf(options);
      const answer: ReadyResponse = { ready: reasons.length === 0, reasons };
      return reply.code(answer.ready ? 200 : 503).send(answer);
    },
  );
};
