import { pino, type DestinationStream } from 'pino';
import { systemClock, type Clock } from '../core/clock.ts';
import { TidecastError } from '../core/errors.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What goes with a message. Ids are labels; feature vectors and secrets never are. */
export interface LogFields {
  /** What happened, in kebab case, so that it can be searched for: `task-revived`. */
  readonly action?: string;
  readonly error?: unknown;
  readonly labels?: Readonly<Record<string, string | number | boolean>>;
  /** W3C trace id, 32 hexadecimal digits. */
  readonly traceId?: string;
}

/** Structured logs: one JSON object a line, named as the Elastic Common Schema has it. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly service: { readonly name: string; readonly version: string };
  /** Where lines go; a process whose results are on stdout logs to stderr. */
  readonly to: DestinationStream;
  /** Real time, whatever clock the application runs on: logs are read beside those of others. */
  readonly clock?: Clock;
}

const ECS_VERSION = '8.11.0';

const errorFields = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...(error instanceof TidecastError ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack_trace: causes(error) }),
  };
};

const CAUSES_MAX = 5;

/** The stack, and those of what caused it. */
const causes = (error: Error): string => {
  const stacks: string[] = [];
  let at: unknown = error;
  while (at instanceof Error && stacks.length < CAUSES_MAX) {
    stacks.push(at.stack ?? at.message);
    at = at.cause;
  }
  return stacks.join('\nCaused by: ');
};

const ecsFields = ({ action, error, labels, traceId }: LogFields): Record<string, unknown> => ({
  ...(action === undefined ? {} : { 'event.action': action }),
  ...(traceId === undefined ? {} : { 'trace.id': traceId }),
  ...(labels === undefined ? {} : { labels }),
  ...(error === undefined ? {} : { error: errorFields(error) }),
});

/**
 * A logger that writes lines for a log forwarder.
 * @see https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html
 */
export const logger = ({ level, service, to, clock = systemClock }: LoggerOptions): Logger => {
  const sink = pino(
    {
      level,
      messageKey: 'message',
      base: {
        'ecs.version': ECS_VERSION,
        'service.name': service.name,
        'service.version': service.version,
        'process.pid': process.pid,
      },
      timestamp: () => `,"@timestamp":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ 'log.level': label }) },
    },
    to,
  );
  return {
    debug: (message, fields = {}) => sink.debug(ecsFields(fields), message),
    info: (message, fields = {}) => sink.info(ecsFields(fields), message),
    warn: (message, fields = {}) => sink.warn(ecsFields(fields), message),
    error: (message, fields = {}) => sink.error(ecsFields(fields), message),
  };
};
