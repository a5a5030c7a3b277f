import type { FastifySchema } from 'fastify';
import { failureResponse } from './failures.ts';

/** Of a JSON schema, what tells which fields must be sent. */
interface Fields {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>;
  readonly required?: readonly string[];
}

/** A field with a default is always there once a request is read, but nobody needs to send it. */
const asSent = (schema: unknown): unknown => {
  // The routes' own schemas, which are objects.
  const fields = schema as Fields;
  const { properties = {}, required } = fields;
  if (required === undefined) return schema;
  const needed = required.filter((name) => properties[name]?.default === undefined);
  return { ...fields, required: needed };
};

/** An answer that says nothing of itself is what the route is for. */
const asAnswered = (response: object, summary: string | undefined): object => {
  // By status; the routes' own schemas, which are objects.
  const answers = Object.entries(response as Readonly<Record<string, { description?: string }>>);
  return Object.fromEntries(
    answers.map(([status, answer]) => [status, { description: summary, ...answer }]),
  );
};

/** How a body is refused before the route sees it. */
const REFUSED_BODIES = {
  400: { ...failureResponse, description: 'The body is no JSON.' },
  413: { ...failureResponse, description: 'The body is larger than is allowed.' },
  415: { ...failureResponse, description: 'The body is of another type than JSON.' },
};

const answersOf = ({ body, response, summary }: FastifySchema): object => {
  // The routes' own, by status.
  const own = response as object;
  return asAnswered(body === undefined ? own : { ...own, ...REFUSED_BODIES }, summary);
};

/** The schemas of a route as its callers see them. */
export const describedRoute = (schema: FastifySchema): FastifySchema => ({
  ...schema,
  ...(schema.body === undefined ? {} : { body: asSent(schema.body) }),
  ...(schema.querystring === undefined ? {} : { querystring: asSent(schema.querystring) }),
  ...(schema.response === undefined ? {} : { response: answersOf(schema) }),
});
