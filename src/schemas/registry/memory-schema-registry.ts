import { COMPATIBILITY } from '../compatibility.ts';
import type { RegisteredSchema, SchemaRegistry } from '../schema-registry.ts';
import { SchemaLedger } from './schema-ledger.ts';

/** The registry of tests and of a log that forgets. */
export class MemorySchemaRegistry implements SchemaRegistry {
  private readonly ledger = new SchemaLedger();

  async register(subject: string, schema: string): Promise<RegisteredSchema> {
    const found = this.ledger.find(subject, schema);
    if (found !== undefined) return found;
    const registered = this.ledger.propose(subject, schema);
    this.ledger.add(registered);
    return registered;
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    return this.ledger.byId(id);
  }

  async find(subject: string, schema: string): Promise<RegisteredSchema | undefined> {
    return this.ledger.find(subject, schema);
  }

  async versions(subject: string): Promise<readonly RegisteredSchema[]> {
    return this.ledger.versions(subject);
  }

  async compatibility(): Promise<string> {
    return COMPATIBILITY;
  }

  async subjects(): Promise<readonly RegisteredSchema[]> {
    return this.ledger.latest();
  }
}
