import type { FastifyInstance } from 'fastify';
import { messageOf } from '../core/errors.ts';
import { InvalidRequest } from './failures.ts';

const unreadable = (msg: string): InvalidRequest =>
  new InvalidRequest([{ loc: ['body'], msg, type: 'json_invalid' }]);

const refusalOf = (body: string): InvalidRequest => {
  if (body === '') return unreadable('the body is empty: send JSON');
  try {
    JSON.parse(body);
  } catch (error) {
    // Of a syntax error its message says where it is, or quotes what is there.
    const said = messageOf(error);
    return unreadable(`the body is no JSON: ${said}`);
  }
  return unreadable('the body names a prototype or a constructor, which no field may');
};

/** Reads bodies as Fastify does, which says no more than that one cannot be read. */
export const readJsonBodies = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      void parse(request, body, (error, value) => {
        if (error === null) done(null, value);
        else done(refusalOf(body));
      });
    },
  );
};
