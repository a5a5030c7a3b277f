import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../log/log.ts';
import type { SchemaRegistry } from '../schemas/schema-registry.ts';

/** A log that a command may read and append to, whoever owns it. */
export interface OpenedLog {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  /** true: another process owns the log, and everything goes through it. */
  readonly isRemote: boolean;
  /** The process that owns the log, for messages. */
  readonly ownerPid: number;
  /** Lets other commands through while this process has the log: for work without an end. */
  readonly share: () => Promise<void>;
  close(): Promise<void>;
}

export interface OpenLogOptions {
  /** true: where there is no log it is code `NOT_FOUND`, else one is made. */
  readonly mustExist?: boolean;
  /** Says the append time; that of the configuration, started now, when it is left out. */
  readonly clock?: Clock;
  /**
   * Retention and compaction go on meanwhile, as a process that runs for long needs it, and this
   * hears of each round that failed; left out: nothing is cleaned up.
   */
  readonly onMaintenanceFailure?: (error: unknown) => void;
  /**
   * true: schemas that are missing in the registry of Kafka may be added. The embedded log owns its
   * registry, where that goes without saying.
   */
  readonly registersSchemas?: boolean;
}

/** Opens the log that a configuration names. */
export type OpenLog = (config: Config, options?: OpenLogOptions) => Promise<OpenedLog>;
