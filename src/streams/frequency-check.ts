import { parseFrequency } from '../core/frequency.ts';
import type { CommitRecord } from '../schemas/commit-record.ts';
import type { Serde } from '../schemas/serde.ts';
import { changelogNameOf, COMMIT_KEY, REPLAY_KEY } from './changelog.ts';
import { StreamError } from './errors.ts';
import { lastOfTask } from './last-of-task.ts';
import type { StartCheckOptions } from './start-checks.ts';
import type { Topology } from './topology.ts';

/** `60m` numbers the periods that `1h` does. */
const isAlike = (one: string, other: string): boolean => {
  if (one === other) return true;
  const [a, b] = [parseFrequency(one), parseFrequency(other)];
  return a.kind === b.kind && a.nominalMs === b.nominalMs;
};

/**
 * State has periods by their numbers alone: under another frequency the same number is another
 * time, and the next period to close lies years ahead, or years ago.
 */
export const refuseOtherFrequency = (
  { stream, name, frequency = '' }: Topology,
  { frequency: found }: Pick<CommitRecord, 'frequency'>,
): void => {
  // Of a commit from before frequencies were noted nothing is known.
  if (frequency === '' || found === '' || isAlike(found, frequency)) return;
  throw new StreamError(
    'TASK_FREQUENCY_CHANGED',
    `${stream}.${name} has counted time in periods of ${found}, and cannot go on with periods ` +
      `of ${frequency}: set streams.${stream}.frequency back to ${found}, or begin again with ` +
      `${frequency} from what the sources still have, by \`tidecast replay --to start\`, with ` +
      '--as NAME beside the old one or --in-place',
  );
};

export interface FrequencyCheckOptions extends StartCheckOptions {
  /** Of the commits of a changelog. */
  readonly serdeOf: (changelog: string) => Promise<Serde<CommitRecord>>;
}

const refuseOf = async (
  { context, serdeOf }: FrequencyCheckOptions,
  topology: Topology,
): Promise<void> => {
  const { log } = context;
  const topic = changelogNameOf(context, topology);
  const [found] = await log.offsetsOf([topic]);
  if (found === undefined) return;
  const serde = await serdeOf(topic);
  for (const [partition, bounds] of found.offsets.entries()) {
    // Where a task begins again it remembers nothing.
    const place = { topic, partition, keys: [COMMIT_KEY, REPLAY_KEY] };
    const last = await lastOfTask(log, place, bounds);
    if (last?.key?.toString() !== COMMIT_KEY) continue;
    await serde.learn([last.value]);
    const commit = serde.decode(last.value);
    // What cannot be read is refused where it is needed, with its offset.
    if (commit.ok) refuseOtherFrequency(topology, commit.value);
  }
};

/** Looks at the last commit of every task, before any of them has written. */
export const refuseOtherFrequencies = async (options: FrequencyCheckOptions): Promise<void> => {
  for (const topology of options.topologies) {
    if (topology.frequency !== undefined) await refuseOf(options, topology);
  }
};
