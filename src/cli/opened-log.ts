import type { Log } from '../log/log.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';

/** A log that a command may read and append to, whoever owns it. */
export interface OpenedLog {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** true: another process owns the log, and everything goes through it. */
  readonly isRemote: boolean;
  /** Lets other commands through while this process has the log: for work without an end. */
  readonly share: () => Promise<void>;
  close(): Promise<void>;
}
