import Type, { type Static } from 'typebox';

export const failureResponse = Type.Object(
  {
    detail: Type.String(),
    code: Type.String({ description: 'Stable: programs may branch on it.' }),
    request_id: Type.String(),
  },
  { description: 'Refused; `code` says why, `detail` what to do.' },
);
export type FailureResponse = Static<typeof failureResponse>;

export const invalidResponse = Type.Object(
  {
    detail: Type.Array(
      Type.Object({
        loc: Type.Array(Type.Union([Type.String(), Type.Integer()])),
        msg: Type.String(),
        type: Type.String(),
      }),
    ),
    code: Type.Literal('REQUEST_INVALID'),
    request_id: Type.String(),
  },
  { description: 'Fields cannot be used; `loc` names each, `msg` says why.' },
);
export type InvalidResponse = Static<typeof invalidResponse>;

export type InvalidField = InvalidResponse['detail'][number];

export type HttpFailureCode =
  | 'BODY_TOO_LARGE'
  | 'BODY_UNSUPPORTED'
  | 'FORECAST_MISSING'
  | 'INTERNAL_FAILURE'
  | 'MODEL_UNKNOWN'
  | 'OVERLOADED'
  | 'REQUEST_INVALID'
  | 'REQUEST_UNREADABLE'
  | 'ROUTE_UNKNOWN'
  | 'SCOPE_TOO_NARROW'
  | 'SERIES_UNKNOWN'
  | 'STREAM_UNKNOWN'
  | 'TOKEN_REFUSED';

interface HttpAnswer {
  readonly status: number;
  readonly code: HttpFailureCode;
  /** In seconds: when to try again. */
  readonly retryAfter?: number;
}

/** What an answer says when it cannot be the one asked for; thrown by handlers, never a bug. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly status: number;
  readonly code: HttpFailureCode;
  /** In seconds: when to try again. */
  readonly retryAfter: number | undefined;

  constructor(answer: HttpAnswer, detail: string) {
    super(detail);
    this.status = answer.status;
    this.code = answer.code;
    this.retryAfter = answer.retryAfter;
  }
}

/** A field of the request cannot be used. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
  readonly fields: readonly InvalidField[];

  constructor(fields: readonly InvalidField[]) {
    super(fields.map(({ msg }) => msg).join('; '));
    this.fields = fields;
  }
}
