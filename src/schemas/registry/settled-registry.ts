import { COMPATIBILITY, isStrict } from '../compatibility.ts';
import { SchemaError } from '../errors.ts';
import type { RegisteredSchema, SchemaRegistry } from '../schema-registry.ts';

/** What to do about schemas that are not as a run needs them. */
export const REGISTER_ADVICE =
  'call `tidecast schemas register`, or start `tidecast run` with --register-schemas';

/**
 * A registry to which nothing is added: what is to be registered must be there already, and held to
 * what its readers rely on. Others govern that registry too, and decide when it changes.
 */
export const settledRegistry = (registry: SchemaRegistry): SchemaRegistry => {
  const present = new Map<string, RegisteredSchema>();
  return {
    async register(subject, schema) {
      const key = `${subject}\n${schema}`;
      const known = present.get(key);
      if (known !== undefined) return known;
      const found = await registry.find(subject, schema);
      if (found === undefined) {
        throw new SchemaError(
          'SCHEMA_MISSING',
          `${subject} does not have the schema of this version yet: ${REGISTER_ADVICE}`,
        );
      }
      const level = await registry.compatibility(subject);
      if (!isStrict(level)) {
        throw new SchemaError(
          'SCHEMA_COMPATIBILITY_WEAK',
          `${subject} is held to ${level} instead of ${COMPATIBILITY}: ${REGISTER_ADVICE}`,
        );
      }
      present.set(key, found);
      return found;
    },
    byId: (id) => registry.byId(id),
    find: (subject, schema) => registry.find(subject, schema),
    versions: (subject) => registry.versions(subject),
    compatibility: (subject) => registry.compatibility(subject),
    subjects: () => registry.subjects(),
  };
};
