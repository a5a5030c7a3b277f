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

/** Why a task keeps a request from the answer that it should get; undefined: it does not. */
const reasonOf = (task: TaskStatus, lagMax: number): string | undefined => {
  const { state, lagRecords = 0, restoreRemaining, error = 'no reason given' } = task;
  switch (state) {
    case 'RUNNING':
      return lagRecords > lagMax
        ? `${named(task)} is ${lagRecords} records behind, more than ${lagMax}`
        : undefined;
    case 'RESTORING':
      return restoreRemaining === undefined
        ? `${named(task)} restores its state`
        : `${named(task)} restores its state: ${restoreRemaining} offsets remain`;
    case 'BACKING_OFF':
      return `${named(task)} failed and will try again: ${error}`;
    case 'HALTED':
      return `${named(task)} has stopped: ${error}`;
    case 'CLOSED':
      // Another worker has it.
      return undefined;
  }
};

const readiness = (options: ServingOptions): ReadyResponse => {
  const { tasks, awaitedGroups, isReady, http } = options;
  const { readyLagRecords = Infinity } = http;
  const reasons = awaitedGroups().map((group) => `group ${group} has not been joined yet`);
  const blamed: ReadyResponse['tasks'] = [];
  for (const task of tasks()) {
    const reason = reasonOf(task, readyLagRecords);
    if (reason === undefined) continue;
    reasons.push(reason);
    const { state, lagRecords = null, restoreRemaining = null } = task;
    blamed.push({ task: named(task), state, lagRecords, restoreRemaining });
  }
  if (!isReady()) reasons.push('how far behind the view is, is not known yet');
  return { ready: reasons.length === 0, reasons, tasks: blamed };
};

const health = async (options: ServingOptions): Promise<HealthResponse> => {
  const { tasks, awaitedGroups, isReady, online, version, streams } = options;
  const champions = new Set(
    (await online.models())
      .filter(({ role }) => role === 'champion')
      .map(({ trained }) => trained.stream),
  );
  const names = streams.map(({ name }) => name);
  const isWell = tasks().every(({ state }) => state === 'RUNNING' || state === 'CLOSED');
  const isStarting =
    !isReady() || awaitedGroups().length > 0 || tasks().some(({ state }) => state === 'RESTORING');
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
      const answer = readiness(options);
      return reply.code(answer.ready ? 200 : 503).send(answer);
    },
  );
};
