import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  HttpFailure,
  InvalidRequest,
  type FailureResponse,
  type HttpFailureCode,
  type InvalidField,
  type InvalidResponse,
} from './failures.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Of a validator's report, what an answer needs. */
interface Violation {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** A body of unknown fields alone must not make an answer many times its size. */
const FIELDS_MAX = 100;

const PARTS: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

const fieldOf = ({ keyword, params }: Violation): readonly string[] => {
  const named = keyword === 'required' ? params['missingProperty'] : params['additionalProperty'];
  return typeof named === 'string' ? [named] : [];
};

const MESSAGES: Readonly<Record<string, string>> = {
  required: 'field required',
  additionalProperties: 'there is no such field',
};

/** `loc` names the field: `["body", "horizon"]`. */
const invalidField = (part: string, violation: Violation): InvalidField => {
  const path = violation.instancePath.split('/').slice(1);
  const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  return {
    loc: [PARTS[part] ?? part, ...steps, ...fieldOf(violation)],
    msg: MESSAGES[violation.keyword] ?? violation.message ?? 'cannot be used',
    type: violation.keyword,
  };
};

const answer = (
  { reply, request }: { readonly reply: FastifyReply; readonly request: FastifyRequest },
  { status, code, detail }: { status: number; code: HttpFailureCode; detail: string },
): FastifyReply => {
  const body: FailureResponse = { detail, code, request_id: request.id };
  return reply.code(status).send(body);
};

const tooLarge = { status: 413, code: 'BODY_TOO_LARGE' } as const;
const unsupported = { status: 415, code: 'BODY_UNSUPPORTED' } as const;

/** What the framework itself refuses. Undefined: a bug of ours. */
const refusalOf = (error: FastifyError): InvalidRequest | HttpFailure | undefined => {
  if (error.validation !== undefined) {
    // Ajv reports strings and plain objects.
    const violations = error.validation as unknown as readonly Violation[];
    const part = error.validationContext ?? 'body';
    const named = violations.slice(0, FIELDS_MAX);
    return new InvalidRequest(named.map((violation) => invalidField(part, violation)));
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpFailure(tooLarge, 'the body is larger than limits.httpBodyBytesMax allows');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpFailure(unsupported, 'send JSON, with content-type: application/json');
    default:
  }
  const { statusCode = 500 } = error;
  if (statusCode < 400 || statusCode >= 500) return undefined;
  return new HttpFailure({ status: statusCode, code: 'REQUEST_UNREADABLE' }, error.message);
};

/** Answers every error: named fields as 422, refusals with a code, bugs without what is inside. */
export const answerErrors = (app: FastifyInstance, logger: Logger): void => {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const known =
      error instanceof HttpFailure || error instanceof InvalidRequest ? error : refusalOf(error);
    if (known instanceof InvalidRequest) {
      const body: InvalidResponse = {
        detail: [...known.fields],
        code: 'REQUEST_INVALID',
        request_id: request.id,
      };
      return reply.code(422).send(body);
    }
    if (known instanceof HttpFailure) {
      if (known.retryAfter !== undefined) void reply.header('retry-after', known.retryAfter);
      if (known.status === 401) void reply.header('www-authenticate', 'Bearer');
      const { status, code, message } = known;
      return answer({ reply, request }, { status, code, detail: message });
    }
    logger.error('a request failed', {
      action: 'request-failed',
      error,
      labels: { request: request.id, route: request.routeOptions.url ?? '' },
    });
    const detail = 'this is a bug: report it with the request id and the last lines of the log';
    return answer({ reply, request }, { status: 500, code: 'INTERNAL_FAILURE', detail });
  });
  app.setNotFoundHandler((request, reply) => {
    const detail = `there is no ${request.method} here; /docs lists what there is`;
    return answer({ reply, request }, { status: 404, code: 'ROUTE_UNKNOWN', detail });
  });
};
