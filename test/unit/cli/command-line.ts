import { Type } from 'avsc';
import type { ExitCode } from '../../../src/cli/errors.ts';
import type { Io, Output } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/program.ts';
import { openSerde } from '../../../src/schemas/open-serde.ts';
import type { SchemaRegistry } from '../../../src/schemas/schema-registry.ts';
import type { ValueType } from '../../../src/schemas/serde.ts';
import { memoryLog } from '../../../src/log/memory/memory-log.ts';

export interface Outcome {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Calls commands in this process, on a log in memory. */
export class CommandLine {
  nowMs = Date.UTC(2001, 0, 1);
  readonly log = memoryLog({ clock: { now: () => this.nowMs, monotonic: () => 0 } });
  abort = new AbortController();
  env: Record<string, string> = { TIDECAST_CONFIG: '' };
  onOut: (text: string) => void = () => undefined;
  onErr: (text: string) => void = () => undefined;
  /** What a person at the terminal says; undefined: there is nobody. */
  answer: string | undefined;
  /** true: as if another process owned the log, and ran tasks on it. */
  isRemote = false;
  private readonly schemas: string[] = [];

  /** Values of all records of a topic, by partition. */
  values(topic: string): string[] {
    return this.log.snapshot(topic).map(({ value }) => String(value));
  }

  /** JSON of each line of the result. */
  async json(...args: string[]): Promise<Record<string, unknown>[]> {
    const { code, out, err } = await this.call(...args, '--json');
    if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
    // Every line of a JSON result is an object.
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async call(...args: string[]): Promise<Outcome> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run(args, this.io(out, err));
    return { code, out: out.join(''), err: err.join('') };
  }

  /** A value in the wire format, of a schema that the registry then knows. */
  encoded(schema: object, value: unknown): Buffer {
    const text = JSON.stringify(schema);
    if (!this.schemas.includes(text)) this.schemas.push(text);
    const header = Buffer.alloc(5);
    header.writeInt32BE(this.schemas.indexOf(text) + 1, 1);
    // Type.forSchema is typed for literals.
    return Buffer.concat([
      header,
      Type.forSchema(schema as unknown as 'null', { wrapUnions: true }).toBuffer(value),
    ]);
  }

  /** A value as the product writes it. */
  async written<T>(type: ValueType<T>, value: T): Promise<Buffer> {
    return (await openSerde(this.registry(), type.name, type)).encode(value);
  }

  private io(out: string[], err: string[]): Io {
    const output = (to: string[], on: (text: string) => void): Output => ({
      isTerminal: false,
      write: (text) => {
        to.push(text);
        on(text);
        return Promise.resolve();
      },
    });
    const { TIDECAST_CONFIG, ...env } = this.env;
    return {
      out: output(out, (text) => this.onOut(text)),
      err: output(err, (text) => this.onErr(text)),
      env: TIDECAST_CONFIG === '' ? env : this.env,
      signal: this.abort.signal,
      ask: () => Promise.resolve(this.answer),
      openLog: () =>
        Promise.resolve({
          log: this.log,
          registry: this.registry(),
          isRemote: this.isRemote,
          ownerPid: process.pid,
          share: () => Promise.resolve(),
          close: () => Promise.resolve(),
        }),
    };
  }

  private registry(): SchemaRegistry {
    return {
      register: (subject, schema) => {
        if (!this.schemas.includes(schema)) this.schemas.push(schema);
        const id = this.schemas.indexOf(schema) + 1;
        return Promise.resolve({ id, subject, version: 1, schema });
      },
      byId: (id) => {
        const schema = this.schemas[id - 1];
        return Promise.resolve(
          schema === undefined ? undefined : { id, subject: 's', version: 1, schema },
        );
      },
      find: () => Promise.resolve(undefined),
      versions: () => Promise.resolve([]),
      compatibility: () => Promise.resolve('BACKWARD_TRANSITIVE'),
      subjects: () => Promise.resolve([]),
    };
  }
}
