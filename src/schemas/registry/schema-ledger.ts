import { canonicalJson, type Json } from '../../core/canonical-json.ts';
import { refuseIncompatible } from '../compatibility.ts';
import { SchemaError } from '../errors.ts';
import type { RegisteredSchema } from '../schema-registry.ts';

/** Equal schemas have equal text, however they are spaced and whatever the order of their names. */
const identityOf = (subject: string, schema: string): string => {
  try {
    // JSON.parse returns JSON.
    return canonicalJson(JSON.parse(schema) as Json);
  } catch (error) {
    throw new SchemaError(
      'SCHEMA_INVALID',
      `what ${subject} is to hold is no JSON: ${String(error)}`,
      { cause: error },
    );
  }
};

/**
 * All that is registered, in order: what every registry of ours folds its records to. Versions of a
 * subject count from 1, ids over all subjects from 1; a schema has one id under whatever subjects.
 */
export class SchemaLedger {
  private readonly subjects = new Map<string, RegisteredSchema[]>();
  private readonly ids = new Map<number, RegisteredSchema>();
  private readonly idsByIdentity = new Map<string, number>();
  private lastId = 0;

  /** The last version of every subject, by name. */
  latest(): readonly RegisteredSchema[] {
    return [...this.subjects.keys()].sort().flatMap((name) => this.versions(name).slice(-1));
  }

  /** The first that was registered under this id. */
  byId(id: number): RegisteredSchema | undefined {
    return this.ids.get(id);
  }

  /** All versions of the subject, the oldest first. */
  versions(subject: string): readonly RegisteredSchema[] {
    return this.subjects.get(subject) ?? [];
  }

  /** The version of the subject that this schema is. */
  find(subject: string, schema: string): RegisteredSchema | undefined {
    const id = this.idsByIdentity.get(identityOf(subject, schema));
    return this.versions(subject).find((registered) => registered.id === id);
  }

  /** What a new schema would be registered as; throws where the subject cannot take it. */
  propose(subject: string, schema: string): RegisteredSchema {
    const earlier = this.versions(subject);
    refuseIncompatible(subject, schema, earlier);
    return {
      id: this.idsByIdentity.get(identityOf(subject, schema)) ?? this.lastId + 1,
      subject,
      version: earlier.length + 1,
      schema,
    };
  }

  add(registered: RegisteredSchema): void {
    const { id, subject, schema } = registered;
    this.subjects.set(subject, [...this.versions(subject), registered]);
    if (!this.ids.has(id)) this.ids.set(id, registered);
    this.idsByIdentity.set(identityOf(subject, schema), id);
    this.lastId = Math.max(this.lastId, id);
  }
}
