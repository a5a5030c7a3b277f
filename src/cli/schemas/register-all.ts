import { SchemaError } from '../../schemas/errors.ts';
import { REGISTER_ADVICE } from '../../schemas/registry/settled-registry.ts';
import type { RegisteredSchema, SchemaRegistry } from '../../schemas/schema-registry.ts';
import type { NeededSchema } from '../run/needed-schemas.ts';

/** Says no of one subject; whoever mends it should hear of the others at once. */
const REFUSALS: ReadonlySet<string> = new Set([
  'SCHEMA_COMPATIBILITY_WEAK',
  'SCHEMA_INCOMPATIBLE',
  'SCHEMA_MISSING',
]);

interface Refused {
  readonly subject: string;
  readonly error: SchemaError;
}

/** One error for all: those that nothing but another schema mends come first. */
const refusalOf = (refused: readonly Refused[], [first]: readonly Refused[]): SchemaError => {
  const missing = refused.filter(({ error }) => error.code === 'SCHEMA_MISSING');
  const others = refused.filter(({ error }) => error.code !== 'SCHEMA_MISSING');
  const lines = others.map(({ error }) => error.message);
  if (missing.length > 0) {
    const names = missing.map(({ subject }) => subject).join(', ');
    lines.push(`not registered yet: ${names}; ${REGISTER_ADVICE}`);
  }
  const worst = others.find(({ error }) => error.code === 'SCHEMA_INCOMPATIBLE') ?? others[0];
  return new SchemaError((worst ?? first)?.error.code ?? 'SCHEMA_MISSING', lines.join('\n'));
};

/**
 * Registers all, or finds them where the registry takes no new ones; throws what stands in the way
 * of any, in one error.
 */
export const registerAll = async (
  registry: SchemaRegistry,
  needed: readonly NeededSchema[],
): Promise<readonly RegisteredSchema[]> => {
  const registered: RegisteredSchema[] = [];
  const refused: Refused[] = [];
  for (const { subject, schema } of needed) {
    try {
      registered.push(await registry.register(subject, schema));
    } catch (error) {
      if (!(error instanceof SchemaError) || !REFUSALS.has(error.code)) throw error;
      refused.push({ subject, error });
    }
  }
  if (refused.length > 0) throw refusalOf(refused, refused);
  return registered;
};
