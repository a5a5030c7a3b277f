import type { Config } from '../../config/config.ts';
import type { ConfigOptions } from '../command-options.ts';
import type { NeededTopicsOf } from '../run/needed-topics.ts';

/** What a replay beside the old application and one in place are both given. */
export interface ReplayOptions extends ConfigOptions {
  readonly to: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** The application that is to begin again, as it is configured. */
export interface ReplayedApplication {
  readonly config: Config;
  readonly neededOf: NeededTopicsOf;
}
