import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';

/** All errors: a caller is to mend every field at once. */
const STRICT = { allErrors: true, useDefaults: true, strict: false } as const;

/**
 * A body has types, so nothing in it is converted: `"7"` is no number. What comes in an address is
 * text, and is read as what it is to be.
 */
export const validateStrictly = (app: FastifyInstance): void => {
  const body = new Ajv(STRICT);
  const address = new Ajv({ ...STRICT, coerceTypes: true });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? body : address).compile(schema as object),
  );
  // Answers are made from their types, and JSON.stringify is the fastest way to write them.
  app.setSerializerCompiler(() => (answer: unknown) => JSON.stringify(answer));
};
