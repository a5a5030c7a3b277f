import avsc, { type Type } from 'avsc';
import { SchemaError } from './errors.ts';
import type { RegisteredSchema } from './schema-registry.ts';

/**
 * What every reader of a subject can rely on: each schema reads what all before it wrote.
 * @see https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html
 */
export const COMPATIBILITY = 'BACKWARD_TRANSITIVE';

/** Levels that promise no less. */
const STRICT: ReadonlySet<string> = new Set([COMPATIBILITY, 'FULL_TRANSITIVE']);

/** Whether a level lets no version in that cannot read all before it. */
export const isStrict = (level: string): boolean => STRICT.has(level);

const parsed = (schema: string, what: string): Type => {
  try {
    // What is no schema, avsc refuses itself.
    return avsc.Type.forSchema(JSON.parse(schema) as 'null');
  } catch (error) {
    throw new SchemaError('SCHEMA_INVALID', `${what} is no Avro schema: ${String(error)}`, {
      cause: error,
    });
  }
};

/** Refuses a schema that cannot read what any earlier version of its subject wrote. */
export const refuseIncompatible = (
  subject: string,
  schema: string,
  earlier: readonly Pick<RegisteredSchema, 'version' | 'schema'>[],
): void => {
  const reader = parsed(schema, `what ${subject} is to hold`);
  for (const { version, schema: writer } of earlier) {
    try {
      reader.createResolver(parsed(writer, `version ${version} of ${subject}`));
    } catch (error) {
      if (error instanceof SchemaError) throw error;
      throw new SchemaError(
        'SCHEMA_INCOMPATIBLE',
        `the new schema of ${subject} cannot read version ${version}: ${String(error)}; give new ` +
          'fields defaults, and never change a name or a type',
        { cause: error },
      );
    }
  }
};
