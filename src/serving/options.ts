import type { Clock } from '../core/clock.ts';
import type { Feed } from '../online/feed.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { TaskStatus } from '../streams/task-status.ts';
import type { Logger } from '../telemetry/logger.ts';

export type TokenScope = 'read' | 'write' | 'promote';

export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How far behind a task may be, in records, for `/readyz` to say that all is ready. */
  readonly readyLagRecords?: number | undefined;
  /** Who may call; without any, everyone may. */
  readonly tokens: readonly {
    readonly name: string;
    readonly secret: string;
    readonly scope: TokenScope;
  }[];
}

/** The time zone of a stream whose series have one each, named by an attribute. */
export const PER_SERIES = 'per series';

/** A stream as the API tells of it: from its configuration, and by which window it decides. */
export interface ServedStream {
  readonly name: string;
  readonly isDefault: boolean;
  readonly frequency: string;
  readonly horizon: number;
  /** Percent, ascending. */
  readonly levels: readonly number[];
  /** The window that decisions are made on: `7d`. */
  readonly accuracyWindow: string;
  /** An IANA name; PER_SERIES where an attribute names one for each. */
  readonly timeZone: string;
  /** A forecast whose origin is older is stale, in ms. */
  readonly staleAfterMs: number;
}

export interface ServingLimits {
  readonly httpBodyBytesMax: number;
  readonly httpStreamsMax: number;
  readonly seriesIdBytesMax: number;
}

/** What a process tells of itself, whether it has a view or not. */
export interface ProbedOptions {
  readonly http: HttpOptions;
  readonly tasks: () => readonly TaskStatus[];
  /** Groups that have not taken this process in yet: what they would give it is not known. */
  readonly awaitedGroups: () => readonly string[];
  /** Whether the view, where there is one, has reached the ends of its topics since the start. */
  readonly isReady: () => boolean;
  /** Why what the view says may be of long ago; undefined: it is of now. */
  readonly viewReason?: () => string | undefined;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly logger: Logger;
}

export interface ServingOptions extends ProbedOptions {
  readonly limits: ServingLimits;
  /** The configured clock, and how many of its seconds pass in a real one. */
  readonly clock: Clock;
  readonly speed: number;
  readonly version: string;
  readonly streams: readonly ServedStream[];
  readonly online: OnlineStore;
  readonly feed: Feed;
  /** Folders of the dashboard's files; without them `/` says where the documentation is. */
  readonly assets?: readonly string[] | undefined;
  /** Milliseconds between two heartbeats of `/events`. */
  readonly heartbeatMs?: number;
  /** `POST /forecast` calls answered at once; one more gets 503. */
  readonly inFlightMax?: number;
}
