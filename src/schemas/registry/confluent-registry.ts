import { SchemaError } from '../errors.ts';
import type { RegisteredSchema, SchemaRegistry } from '../schema-registry.ts';

export interface ConfluentRegistryOptions {
  /** `http://127.0.0.1:8081`, or where a compatible registry has that API. */
  readonly address: string;
}

/** A registry that takes longer is as good as none. */
const ANSWER_MS = 10_000;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
/** What every reader of a subject can rely on: each schema reads what all before it wrote. */
const COMPATIBILITY = 'BACKWARD_TRANSITIVE';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const fieldOf = (body: unknown, name: string): unknown =>
  // Looked up by name: whatever it is, the caller judges it.
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;

const messageOf = ({ status, body }: Answer): string => {
  const said = fieldOf(body, 'message');
  return typeof said === 'string' ? said : `status ${status}`;
};

/**
 * A Confluent schema registry, or one that speaks its API, over REST: the client of kafkajs
 * registers no union, and waits for an unknown id at every record that names it.
 * @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
class ConfluentRegistry implements SchemaRegistry {
  private readonly address: string;
  private readonly byIds = new Map<number, RegisteredSchema>();
  private readonly registered = new Map<string, RegisteredSchema>();

  constructor({ address }: ConfluentRegistryOptions) {
    this.address = address.endsWith('/') ? address : `${address}/`;
  }

  async register(subject: string, schema: string): Promise<RegisteredSchema> {
    const key = `${subject}\n${schema}`;
    const known = this.registered.get(key);
    if (known !== undefined) return known;
    const path = `subjects/${encodeURIComponent(subject)}`;
    await this.demandCompatibility(subject);
    const answer = await this.ask('POST', `${path}/versions`, { schema });
    const held = await this.ask('POST', path, { schema });
    // A conflict, too, where another process registered the same schema in the same instant.
    if (answer.status === 409 && held.status !== 200) {
      throw new SchemaError('SCHEMA_INCOMPATIBLE', `${subject}: ${messageOf(answer)}`);
    }
    if (answer.status === 422) {
      throw new SchemaError('SCHEMA_INVALID', `${subject}: ${messageOf(answer)}`);
    }
    if (answer.status !== 409) this.required(answer, `${subject} cannot be registered`);
    const found = this.required(held, `${subject} cannot be looked up`);
    const [id, version] = [Number(fieldOf(found, 'id')), Number(fieldOf(found, 'version'))];
    const made = { id, subject, version, schema };
    this.registered.set(key, made);
    return made;
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    const known = this.byIds.get(id);
    if (known !== undefined) return known;
    const answer = await this.ask('GET', `schemas/ids/${id}`);
    if (answer.status === 404) return undefined;
    const body = this.required(answer, `schema ${id} cannot be read`);
    const found = { id, subject: '', version: 0, schema: String(fieldOf(body, 'schema')) };
    this.byIds.set(id, found);
    return found;
  }

  async subjects(): Promise<readonly RegisteredSchema[]> {
    const names = this.required(await this.ask('GET', 'subjects'), 'subjects cannot be listed');
    const all: RegisteredSchema[] = [];
    for (const subject of Array.isArray(names) ? names.map(String) : []) {
      const path = `subjects/${encodeURIComponent(subject)}/versions/latest`;
      const body = this.required(await this.ask('GET', path), `${subject} cannot be read`);
      const [id, version] = [Number(fieldOf(body, 'id')), Number(fieldOf(body, 'version'))];
      all.push({ id, subject, version, schema: String(fieldOf(body, 'schema')) });
    }
    return all;
  }

  private async demandCompatibility(subject: string): Promise<void> {
    const path = `config/${encodeURIComponent(subject)}`;
    const answer = await this.ask('PUT', path, { compatibility: COMPATIBILITY });
    this.required(answer, `the compatibility of ${subject} cannot be set`);
  }

  private required(answer: Answer, what: string): unknown {
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw this.unreachable(`${what}: ${messageOf(answer)}`);
  }

  private unreachable(message: string, cause?: unknown): SchemaError {
    const text = `${message}; look at the registry at ${this.address}, or set kafka.registry`;
    return new SchemaError('SCHEMA_REGISTRY_UNREACHABLE', text, { cause, retriable: true });
  }

  private async ask(method: string, path: string, body?: object): Promise<Answer> {
    try {
      const answer = await fetch(new URL(path, this.address), {
        method,
        headers: { accept: CONTENT_TYPE, 'content-type': CONTENT_TYPE },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      throw this.unreachable('the schema registry does not answer', error);
    }
  }
}

export const confluentRegistry = (options: ConfluentRegistryOptions): SchemaRegistry =>
  new ConfluentRegistry(options);
