import type { ModelEvent, ModelTrained } from '../schemas/model-event.ts';

export type ModelRole = 'champion' | 'challenger' | 'former champion' | 'rejected' | 'archived';

/** One version of a model, with what has happened to it. */
export interface ModelVersion {
  readonly trained: ModelTrained;
  readonly role: ModelRole;
  /** Every event that names it, in order. */
  readonly events: readonly ModelEvent[];
  /** Promotions and rollbacks that came too late: another champion served by then. */
  readonly voided: readonly ModelEvent[];
}

interface Entry {
  readonly trained: ModelTrained;
  role: ModelRole;
  readonly events: ModelEvent[];
  readonly voided: ModelEvent[];
}

/** The versions of one model of one stream. */
interface Line {
  champion: Entry | undefined;
  readonly versions: Map<string, Entry>;
}

const enthrone = (line: Line, entry: Entry): void => {
  if (line.champion !== undefined) line.champion.role = 'former champion';
  line.champion = entry;
  entry.role = 'champion';
};

const apply = (line: Line, entry: Entry, event: ModelEvent): void => {
  switch (event.type) {
    case 'ModelTrained':
      return;
    case 'ModelPromoted':
    case 'ModelRolledBack':
      if (event.previous === (line.champion?.trained.sha256 ?? '')) enthrone(line, entry);
      else entry.voided.push(event);
      return;
    case 'ModelRejected':
      entry.role = 'rejected';
      return;
    case 'ModelArchived':
      entry.role = 'archived';
  }
};

const entryOf = (line: Line, event: ModelEvent): Entry | undefined => {
  const known = line.versions.get(event.sha256);
  if (known !== undefined || event.type !== 'ModelTrained') return known;
  const entry: Entry = { trained: event, role: 'challenger', events: [], voided: [] };
  line.versions.set(event.sha256, entry);
  return entry;
};

/** The version that served before this champion; undefined when it is the first, or none. */
export const predecessor = (
  versions: readonly ModelVersion[],
  { events, voided }: ModelVersion,
): ModelVersion | undefined => {
  const crowned = events.findLast(
    (event) =>
      (event.type === 'ModelPromoted' || event.type === 'ModelRolledBack') &&
      !voided.includes(event),
  );
  const sha256 = crowned !== undefined && 'previous' in crowned ? crowned.previous : '';
  return versions.find(({ trained }) => trained.sha256 === sha256);
};

/**
 * Folds model events, in the order of their topic, into versions and roles, as the tasks do: an
 * event that names another champion as its predecessor is void.
 */
export const modelVersions = (events: Iterable<ModelEvent>): readonly ModelVersion[] => {
  const lines = new Map<string, Line>();
  for (const event of events) {
    const name = `${event.stream}/${event.model}`;
    const line = lines.get(name) ?? { champion: undefined, versions: new Map<string, Entry>() };
    lines.set(name, line);
    const entry = entryOf(line, event);
    if (entry === undefined) continue;
    entry.events.push(event);
    apply(line, entry, event);
  }
  return [...lines.values()].flatMap(({ versions }) => [...versions.values()]);
};
