import { systemClock, type Clock } from '../../core/clock.ts';
import { COMPATIBILITY, isStrict, refuseIncompatible } from '../compatibility.ts';
import { SchemaError } from '../errors.ts';
import type { RegisteredSchema, SchemaRegistry } from '../schema-registry.ts';
import { KnownSchemas } from './known-schemas.ts';
import { fieldOf, saidIn, RestClient, type Answer, type RestClientOptions } from './rest-client.ts';

export interface ConfluentRegistryOptions extends RestClientOptions {
  /** Says when an unknown id may be asked for again. */
  readonly clock?: Clock;
}

const NOT_FOUND = 404;
const CONFLICT = 409;
const UNPROCESSABLE = 422;
/** Questions that are under way at once where a list needs one for each entry. */
const ASKED_MAX = 8;

/**
 * That the registry itself says there is no such thing. A bare 404 is one of a proxy, or of another
 * service under that address: taken for it, records would become dead letters.
 */
const isAbsent = ({ status, body }: Answer): boolean =>
  status === NOT_FOUND && /^404\d\d$/.test(String(fieldOf(body, 'error_code')));

const isDone = ({ status }: Answer): boolean => status >= 200 && status < 300;

const inSubject = (body: unknown, subject: string): RegisteredSchema => ({
  id: Number(fieldOf(body, 'id')),
  subject,
  version: Number(fieldOf(body, 'version')),
  schema: String(fieldOf(body, 'schema')),
});

const subjectPath = (subject: string): string => `subjects/${encodeURIComponent(subject)}`;

/**
 * A Confluent schema registry, or one that speaks its API, over REST: the client of kafkajs
 * registers no union, and waits for an unknown id at every record that names it.
 * @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
class ConfluentRegistry implements SchemaRegistry {
  private readonly client: RestClient;
  private readonly ids: KnownSchemas;
  /** What was asked for here, or is being asked for. */
  private readonly registered = new Map<string, Promise<RegisteredSchema>>();

  constructor(options: ConfluentRegistryOptions) {
    this.client = new RestClient(options);
    this.ids = new KnownSchemas(options.clock ?? systemClock, (id) => this.fetchId(id));
  }

  /** Once for all who ask at the same time: not every registry gives these the same version. */
  async register(subject: string, schema: string): Promise<RegisteredSchema> {
    const key = `${subject}\n${schema}`;
    const known = this.registered.get(key);
    if (known !== undefined) return known;
    const asked = this.ensure(subject, schema);
    this.registered.set(key, asked);
    try {
      return await asked;
    } catch (error) {
      this.registered.delete(key);
      throw error;
    }
  }

  private async ensure(subject: string, schema: string): Promise<RegisteredSchema> {
    const present = await this.find(subject, schema);
    // Before the first version, so that none gets in between that a later one could not read.
    if (present === undefined || !isStrict(await this.compatibility(subject))) {
      await this.demandCompatibility(subject);
    }
    return present ?? this.add(subject, schema);
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    return this.ids.get(id);
  }

  async find(subject: string, schema: string): Promise<RegisteredSchema | undefined> {
    const answer = await this.client.ask('POST', subjectPath(subject), { schema });
    if (isAbsent(answer)) return undefined;
    if (answer.status === UNPROCESSABLE) throw this.invalid(subject, answer);
    const found = this.required(answer, `${subject} cannot be looked up`);
    return { ...inSubject(found, subject), schema };
  }

  async versions(subject: string): Promise<readonly RegisteredSchema[]> {
    const path = `${subjectPath(subject)}/versions`;
    const answer = await this.client.ask('GET', path);
    if (isAbsent(answer)) return [];
    const numbers = this.required(answer, `the versions of ${subject} cannot be listed`);
    return this.each(numbers, async (version) => {
      const body = await this.client.ask('GET', `${path}/${version}`);
      return inSubject(this.required(body, `${subject} cannot be read`), subject);
    });
  }

  async compatibility(subject: string): Promise<string> {
    const path = `config/${encodeURIComponent(subject)}?defaultToGlobal=true`;
    const own = await this.client.ask('GET', path);
    const answer = isAbsent(own) ? await this.client.ask('GET', 'config') : own;
    const body = this.required(answer, `the compatibility of ${subject} cannot be read`);
    return String(fieldOf(body, 'compatibilityLevel'));
  }

  async subjects(): Promise<readonly RegisteredSchema[]> {
    const answer = await this.client.ask('GET', 'subjects');
    const names = this.required(answer, 'subjects cannot be listed');
    const all = await this.each(names, async (subject) => {
      const latest = await this.client.ask('GET', `${subjectPath(subject)}/versions/latest`);
      return inSubject(this.required(latest, `${subject} cannot be read`), subject);
    });
    return [...all].sort((a, b) => (a.subject < b.subject ? -1 : 1));
  }

  /** Sets what the next version is held to, and believes it once it is read back. */
  private async demandCompatibility(subject: string): Promise<void> {
    const path = `config/${encodeURIComponent(subject)}`;
    const answer = await this.client.ask('PUT', path, { compatibility: COMPATIBILITY });
    const level = await this.compatibility(subject);
    // What counts is what it says now: others may have set it in the same instant, a conflict.
    if (isStrict(level)) return;
    this.required(answer, `the compatibility of ${subject} cannot be set`);
    throw new SchemaError(
      'SCHEMA_COMPATIBILITY_WEAK',
      `${subject} is held to ${level} although ${COMPATIBILITY} was set: look who else sets it`,
    );
  }

  private async add(subject: string, schema: string): Promise<RegisteredSchema> {
    const path = `${subjectPath(subject)}/versions`;
    const answer = await this.client.ask('POST', path, { schema });
    if (answer.status === UNPROCESSABLE) throw this.invalid(subject, answer);
    if (answer.status !== CONFLICT) this.required(answer, `${subject} cannot be registered`);
    const held = await this.find(subject, schema);
    // A conflict, too, where another process registered the same schema in the same instant.
    if (held !== undefined) return held;
    if (answer.status !== CONFLICT) throw this.client.unreachable(`${subject} was not kept`);
    // Says which version, and what of it; where only the registry sees it, what that says.
    refuseIncompatible(subject, schema, await this.versions(subject));
    throw new SchemaError(
      'SCHEMA_INCOMPATIBLE',
      `the registry refuses the new schema of ${subject}: ${saidIn(answer)}; give new fields ` +
        'defaults, and never change a name or a type',
    );
  }

  private async fetchId(id: number): Promise<RegisteredSchema | undefined> {
    // No registry gives such an id, and not each takes the question.
    if (id < 0) return undefined;
    const answer = await this.client.ask('GET', `schemas/ids/${id}`);
    if (isAbsent(answer)) return undefined;
    const body = this.required(answer, `schema ${id} cannot be read`);
    return { id, subject: '', version: 0, schema: String(fieldOf(body, 'schema')) };
  }

  /** One answer for each entry of a list, in its order. */
  private async each<T>(list: unknown, ask: (entry: string) => Promise<T>): Promise<readonly T[]> {
    const entries = Array.isArray(list) ? list.map(String) : [];
    const answers: T[] = [];
    for (let from = 0; from < entries.length; from += ASKED_MAX) {
      answers.push(...(await Promise.all(entries.slice(from, from + ASKED_MAX).map(ask))));
    }
    return answers;
  }

  private invalid(subject: string, answer: Answer): SchemaError {
    return new SchemaError('SCHEMA_INVALID', `${subject}: ${saidIn(answer)}`);
  }

  private required(answer: Answer, what: string): unknown {
    if (isDone(answer) && answer.body !== undefined) return answer.body;
    throw this.client.unreachable(`${what}: ${saidIn(answer)}`);
  }
}

export const confluentRegistry = (options: ConfluentRegistryOptions): SchemaRegistry =>
  new ConfluentRegistry(options);
