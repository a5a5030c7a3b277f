import {
  EXTERNAL_TRAINER,
  type ChampionChange,
  type ModelEvent,
  type ModelTrained,
} from '../schemas/model-event.ts';

export type ModelStanding = 'champion' | 'challenger' | 'former champion' | 'rejected' | 'archived';

export interface VersionRole {
  readonly sha256: string;
  readonly version: string;
  readonly role: ModelStanding;
  /** Of the features that it was trained on; what an older tidecast remembers does not say. */
  readonly schemaHash?: string;
}

/** The versions of one model of one stream, in the order in which they were first trained. */
export interface ModelLine {
  /** sha256; empty while there is none. */
  readonly champion: string;
  readonly versions: readonly VersionRole[];
}

export const NO_VERSIONS: ModelLine = { champion: '', versions: [] };

/** Settles its request: nothing more will come of it. */
export const isAnswer = (event: ModelEvent): boolean => {
  switch (event.type) {
    case 'ModelPromoted':
    case 'ModelRejected':
    case 'ModelRolledBack':
      return true;
    case 'ModelTrained':
      return event.trainer === EXTERNAL_TRAINER;
    case 'ModelArchived':
      return false;
  }
};

const isChampionChange = (event: ModelEvent): event is ChampionChange => 'previous' in event;

/** A promotion or rollback that names another champion as its predecessor came too late. */
const isVoid = (line: ModelLine, event: ModelEvent): boolean =>
  isChampionChange(event) && event.previous !== line.champion;

const trainedIn = (line: ModelLine, trained: ModelTrained): ModelLine => {
  const { sha256, version, schemaHash } = trained;
  const known = line.versions.some((one) => one.sha256 === sha256);
  if (known) return withRole(line, sha256, (role) => (role === 'rejected' ? 'challenger' : role));
  return {
    ...line,
    versions: [...line.versions, { sha256, version, role: 'challenger', schemaHash }],
  };
};

const withRole = (
  line: ModelLine,
  sha256: string,
  next: (role: ModelStanding) => ModelStanding,
): ModelLine => ({
  ...line,
  versions: line.versions.map((one) =>
    one.sha256 === sha256 ? { ...one, role: next(one.role) } : one,
  ),
});

const withChampion = (line: ModelLine, sha256: string): ModelLine => {
  const vacated = withRole(line, line.champion, () => 'former champion');
  return { ...withRole(vacated, sha256, () => 'champion'), champion: sha256 };
};

/**
 * A model line after one more event, in the order of their topic. A version that was never trained
 * has no role, and what is void changes nothing.
 */
const foldModelEvent = (line: ModelLine, event: ModelEvent): ModelLine => {
  if (event.type === 'ModelTrained') return trainedIn(line, event);
  const { sha256 } = event;
  const isKnown = line.versions.some((one) => one.sha256 === sha256);
  if (!isKnown || isVoid(line, event)) return line;
  switch (event.type) {
    case 'ModelPromoted':
    case 'ModelRolledBack':
      return withChampion(line, sha256);
    // Whoever serves already was no challenger: the same bytes trained again are not better.
    case 'ModelRejected':
      return withRole(line, sha256, (role) => (role === 'challenger' ? 'rejected' : role));
    case 'ModelArchived':
      return withRole(line, sha256, (role) => (role === 'champion' ? role : 'archived'));
  }
};

/** Versions that a task remembers: several years of weekly training. */
const RECENT_MAX = 256;

/** The same fold for those who only need the champion and the latest versions beside it. */
export const foldRecent = (line: ModelLine, event: ModelEvent): ModelLine => {
  const { champion, versions } = foldModelEvent(line, event);
  const cut = versions.length - RECENT_MAX;
  return {
    champion,
    versions: versions.filter(({ role }, index) => index >= cut || role === 'champion'),
  };
};

/** A time for which a version was the champion. */
interface Tenure {
  /** Epoch ms. */
  readonly from: number;
  /** Exclusive; Infinity while no other follows. */
  readonly until: number;
  readonly change: ChampionChange;
}

/** One version of a model, with what has happened to it. */
export interface ModelVersion {
  readonly trained: ModelTrained;
  readonly role: ModelStanding;
  /** Every event that names it, in order. */
  readonly events: readonly ModelEvent[];
  /** Promotions and rollbacks that came too late: another champion served by then. */
  readonly voided: readonly ModelEvent[];
  /** Ascending; none of a version that never served. */
  readonly tenures: readonly Tenure[];
}

/** The version that served before this champion; undefined when it is the first, or none. */
export const predecessor = (
  versions: readonly ModelVersion[],
  { events, voided }: ModelVersion,
): ModelVersion | undefined => {
  const made = events.filter(isChampionChange).findLast((event) => !voided.includes(event));
  return versions.find(({ trained }) => trained.sha256 === made?.previous);
};

/** What a line does not keep: every event, for people. */
interface History {
  readonly trained: ModelTrained;
  readonly events: ModelEvent[];
  readonly voided: ModelEvent[];
}

interface ToldLine {
  line: ModelLine;
  readonly histories: Map<string, History>;
  /** Of all versions, one after the other. */
  tenures: readonly Tenure[];
}

/**
 * The gate names a boundary in event time. What a person decides holds at once, and at which period
 * a task was is not said here: it counts from when it was decided, by the configured clock.
 */
const beginningOf = (change: ChampionChange): number =>
  change.type === 'ModelPromoted' && change.effectiveFrom > 0
    ? change.effectiveFrom
    : change.decidedAt;

/** As tasks take it: what is decided later wins over what has not begun by then. */
const succeeded = (tenures: readonly Tenure[], change: ChampionChange): readonly Tenure[] => {
  const from = beginningOf(change);
  const before = tenures
    .filter((tenure) => tenure.from < from)
    .map((tenure) => ({ ...tenure, until: Math.min(tenure.until, from) }));
  return [...before, { from, until: Infinity, change }];
};

const historyOf = ({ histories }: ToldLine, event: ModelEvent): History | undefined => {
  const known = histories.get(event.sha256);
  if (known !== undefined || event.type !== 'ModelTrained') return known;
  const history: History = { trained: event, events: [], voided: [] };
  histories.set(event.sha256, history);
  return history;
};

/** Folds model events, in the order of their topic, into all versions and their roles. */
export const modelVersions = (events: Iterable<ModelEvent>): readonly ModelVersion[] => {
  const lines = new Map<string, ToldLine>();
  for (const event of events) {
    const name = `${event.stream}/${event.model}`;
    const told: ToldLine = lines.get(name) ?? {
      ...{ line: NO_VERSIONS, histories: new Map<string, History>(), tenures: [] },
    };
    lines.set(name, told);
    const history = historyOf(told, event);
    history?.events.push(event);
    if (isVoid(told.line, event)) history?.voided.push(event);
    else if (history !== undefined && isChampionChange(event)) {
      told.tenures = succeeded(told.tenures, event);
    }
    told.line = foldModelEvent(told.line, event);
  }
  return [...lines.values()].flatMap(({ line, histories, tenures }) =>
    line.versions.flatMap(({ sha256, role }) => {
      const history = histories.get(sha256);
      const own = tenures.filter(({ change }) => change.sha256 === sha256);
      return history === undefined ? [] : [{ ...history, role, tenures: own }];
    }),
  );
};
