import type { Claim } from '../schemas/claim.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { Serde } from '../schemas/serde.ts';
import type { StateBlock } from '../schemas/state-block.ts';
import { TOMBSTONE_RETENTION_MS, type TopicDefinition } from '../schemas/topic.ts';

/** Reserved keys of a changelog; every other key names a block of state, and holds a slash. */
export const CLAIM_KEY = 'claim';
export const COMMIT_KEY = 'commit';
/**
 * Where a task is to begin again, as a commit record that it takes up in its next life. One without
 * positions says that they are about to come.
 */
export const REPLAY_KEY = 'replay';

export interface ChangelogSerdes {
  readonly claim: Serde<Claim>;
  readonly commit: Serde<CommitRecord>;
  readonly block: Serde<StateBlock>;
}

export interface TaskNames {
  readonly application: string;
  readonly stream: string;
  readonly topology: string;
}

/** What the names of an application's groups and topics depend on. */
export interface Naming {
  readonly application: string;
  readonly topicPrefix: string;
}

/** A topology, as far as names go. */
interface Named {
  readonly stream: string;
  readonly name: string;
}

export const namesOf = (
  { application }: Pick<Naming, 'application'>,
  { stream, name }: Named,
): TaskNames => ({ application, stream, topology: name });

/**
 * Group of a topology; its changelog, transactional ids and state folders start with the same
 * parts.
 */
export const groupOf = ({ application, stream, topology }: TaskNames): string =>
  `${application}.${stream}.${topology}`;

/** Of the one producer that a task may have. */
export const transactionalIdOf = (
  names: TaskNames,
  { topicPrefix, partition }: { readonly topicPrefix: string; readonly partition: number },
): string => `${topicPrefix}${groupOf(names)}.${partition}`;

/** What the names of all changelogs end with. */
export const CHANGELOG_SUFFIX = '.changelog';

export const changelogNameOf = (naming: Naming, topology: Named): string =>
  `${naming.topicPrefix}${groupOf(namesOf(naming, topology))}${CHANGELOG_SUFFIX}`;

export const changelogOf = (
  names: TaskNames,
  { prefix, partitions }: { readonly prefix: string; readonly partitions: number },
): TopicDefinition => ({
  name: `${prefix}${groupOf(names)}${CHANGELOG_SUFFIX}`,
  partitions,
  cleanup: 'compact',
  retentionMs: TOMBSTONE_RETENTION_MS,
});
