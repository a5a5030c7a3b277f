import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../core/assert.ts';
import { hasCode } from '../../core/errors.ts';
import { COMPATIBILITY } from '../../schemas/compatibility.ts';
import { SchemaLedger } from '../../schemas/registry/schema-ledger.ts';
import type { RegisteredSchema, SchemaRegistry } from '../../schemas/schema-registry.ts';
import { LogError } from '../errors.ts';
import { diskError, systemDisk, type Disk } from './disk.ts';
import { ownerError, readOwner } from './owner.ts';

const FILE = 'schemas.jsonl';

export interface EmbeddedSchemaRegistryOptions {
  /** The log's own; its log must be open in this process, which holds the lock for both. */
  readonly folder: string;
  readonly disk?: Disk;
}

interface Found {
  readonly registered: readonly RegisteredSchema[];
  /** The whole lines, as they are in the file. */
  readonly lines: Buffer;
}

const isRegistered = (value: unknown): value is RegisteredSchema =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  Number.isInteger(value.id) &&
  'version' in value &&
  Number.isInteger(value.version) &&
  'subject' in value &&
  typeof value.subject === 'string' &&
  'schema' in value &&
  typeof value.schema === 'string';

const readLine = (line: string): RegisteredSchema | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return isRegistered(value) ? value : undefined;
  } catch {
    // Torn, or damaged: the caller knows which by what follows.
    return undefined;
  }
};

/** The whole lines of the file. A last one that nobody was told of may be torn: it is left out. */
const readLines = (content: Buffer, path: string): Found => {
  const registered: RegisteredSchema[] = [];
  let bytes = 0;
  for (;;) {
    const end = content.indexOf(0x0a, bytes);
    if (end < 0) return { registered, lines: content.subarray(0, bytes) };
    const line = readLine(content.toString('utf8', bytes, end));
    if (line === undefined && end + 1 < content.length) {
      throw new LogError(
        'LOG_CORRUPT',
        `line ${registered.length + 1} of ${path} is damaged: restore the folder from a copy, or ` +
          'start with an empty one and load the sources again',
      );
    }
    if (line === undefined) return { registered, lines: content.subarray(0, bytes) };
    registered.push(line);
    bytes = end + 1;
  }
};

const readFound = async (path: string): Promise<Found> => {
  try {
    return readLines(await readFile(path), path);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) {
      return { registered: [], lines: Buffer.alloc(0) };
    }
    throw diskError(path, cause);
  }
};

/** A file of whole lines; each is on the device when `append` resolves. */
class LineFile {
  private readonly path: string;
  private readonly disk: Disk;
  private readonly fd: number;
  private bytes = 0;

  constructor(path: string, disk: Disk) {
    this.path = path;
    this.disk = disk;
    this.fd = disk.open(path, true);
  }

  /**
   * Goes on after the lines of an earlier process. The device may lack the last one, told of by no
   * later sync, so all of them are written in their place again.
   */
  async takeOver(lines: Buffer): Promise<void> {
    this.bytes = lines.length;
    this.cut();
    if (this.bytes === 0) return;
    this.disk.write(this.fd, [lines], 0);
    await this.disk.sync(this.fd);
  }

  async append(line: string): Promise<void> {
    const bytes = Buffer.from(`${line}\n`);
    try {
      this.cut();
      this.disk.write(this.fd, [bytes], this.bytes);
      await this.disk.sync(this.fd);
      this.bytes += bytes.length;
    } catch (cause) {
      throw diskError(this.path, cause);
    }
  }

  close(): void {
    this.disk.close(this.fd);
  }

  /** Cuts what lies after the whole lines: torn by a kill, or left by an append that failed. */
  private cut(): void {
    if (this.disk.size(this.fd) > this.bytes) this.disk.truncate(this.fd, this.bytes);
  }
}

/**
 * Subjects and ids in a file of the embedded log's folder, one JSON line a registration. A line is
 * on the device before its id is told, so a written value never names an id that a crash could give
 * to another schema; a line whose id was never told is found again by the next who asks.
 */
class EmbeddedSchemaRegistry implements SchemaRegistry {
  private readonly ledger = new SchemaLedger();
  private readonly file: LineFile;
  /** One registration after the other; each settles before the next begins. */
  private queue: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(file: LineFile, registered: readonly RegisteredSchema[]) {
    this.file = file;
    for (const one of registered) this.ledger.add(one);
  }

  async register(subject: string, schema: string): Promise<RegisteredSchema> {
    this.refuseClosed();
    const found = this.ledger.find(subject, schema);
    if (found !== undefined) return found;
    const registration = this.queue.then(() => this.append(subject, schema));
    // Whoever asked hears of a failure; the next in the queue starts afresh.
    this.queue = registration.catch(() => 'failed');
    return registration;
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    this.refuseClosed();
    return this.ledger.byId(id);
  }

  async find(subject: string, schema: string): Promise<RegisteredSchema | undefined> {
    this.refuseClosed();
    return this.ledger.find(subject, schema);
  }

  async versions(subject: string): Promise<readonly RegisteredSchema[]> {
    this.refuseClosed();
    return this.ledger.versions(subject);
  }

  /** It takes nothing else in. */
  async compatibility(): Promise<string> {
    return COMPATIBILITY;
  }

  async subjects(): Promise<readonly RegisteredSchema[]> {
    this.refuseClosed();
    return this.ledger.latest();
  }

  /** Waits for what is being registered. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.queue;
    this.file.close();
  }

  private async append(subject: string, schema: string): Promise<RegisteredSchema> {
    // Those before in the queue may have asked for the same.
    const found = this.ledger.find(subject, schema);
    if (found !== undefined) return found;
    const registered = this.ledger.propose(subject, schema);
    await this.file.append(JSON.stringify(registered));
    this.ledger.add(registered);
    return registered;
  }

  private refuseClosed(): void {
    if (this.isClosed) throw new LogError('LOG_CLOSED', 'the schema registry is closed');
  }
}

/** The registry of a folder whose log this process has open; close it before the log. */
export const openEmbeddedSchemaRegistry = async ({
  folder,
  disk = systemDisk,
}: EmbeddedSchemaRegistryOptions): Promise<SchemaRegistry & { close(): Promise<void> }> => {
  const owner = await readOwner(folder);
  assert(owner !== undefined, 'the log of a folder is opened before its schema registry');
  if (owner.pid !== process.pid) throw await ownerError(folder, undefined);
  const path = join(folder, FILE);
  const { registered, lines } = await readFound(path);
  try {
    const file = new LineFile(path, disk);
    await file.takeOver(lines);
    await disk.syncFolder(folder);
    return new EmbeddedSchemaRegistry(file, registered);
  } catch (cause) {
    throw diskError(path, cause);
  }
};
