import type { FastifyInstance } from 'fastify';
import type { Logger } from '../telemetry/logger.ts';
import { callerOf } from './tokens.ts';

const REFUSED: ReadonlySet<number> = new Set([401, 403]);

/**
 * A line for each request: at `debug`, since dashboards and probes ask all the time; at `info`
 * where a token was refused.
 */
export const logAccess = (app: FastifyInstance, logger: Logger): void => {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, id } = request;
    const { statusCode: status } = reply;
    // The route, not the address: a search or a series in it is nobody's business.
    const route = routeOptions.url ?? '';
    const caller = callerOf(request);
    const level = REFUSED.has(status) ? 'info' : 'debug';
    logger[level](`${method} ${route} answered with ${status}`, {
      action: 'request-answered',
      labels: {
        ...{ method, route, status, request: id },
        durationMs: Math.round(reply.elapsedTime),
        ...(caller === undefined ? {} : { caller }),
      },
    });
  });
};
