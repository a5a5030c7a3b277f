import Type, { type Static } from 'typebox';

export const failureResponse = Type.Object({
  detail: Type.String(),
  code: Type.String(),
  request_id: Type.String(),
});
export type FailureResponse = Static<typeof failureResponse>;

export const invalidResponse = Type.Object({
  detail: Type.Array(
    Type.Object({
      loc: Type.Array(Type.Union([Type.String(), Type.Integer()])),
      msg: Type.String(),
      type: Type.String(),
    }),
  ),
});
export type InvalidResponse = Static<typeof invalidResponse>;
