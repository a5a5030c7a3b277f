import { EXTERNAL_TRAINER, type ModelEvent, type ModelTrained } from '../schemas/model-event.ts';

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

/** A promotion or a rollback: its version becomes the champion. */
type Crowning = Extract<ModelEvent, { readonly previous: string }>;

const isCrowning = (event: ModelEvent): event is Crowning => 'previous' in event;

/** A promotion or rollback that names another champion as its predecessor came too late. */
const isVoid = (line: ModelLine, event: ModelEvent): boolean =>
  isCrowning(event) && event.previous !== line.champion;

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

const enthroned = (line: ModelLine, sha256: string): ModelLine => {
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
      return enthroned(line, sha256);
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
interface Reign {
  /** Epoch ms. */
  readonly from: number;
  /** Exclusive; Infinity while no other follows. */
  readonly until: number;
  readonly crowning: Crowning;
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
  readonly reigns: readonly Reign[];
}

/** The version that served before this champion; undefined when it is the first, or none. */
export const predecessor = (
  versions: readonly ModelVersion[],
  { events, voided }: ModelVersion,
): ModelVersion | undefined => {
  const crowned = events.filter(isCrowning).findLast((event) => !voided.includes(event));
  return versions.find(({ trained }) => trained.sha256 === crowned?.previous);
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
  reigns: readonly Reign[];
}

/**
 * The gate names a boundary in event time. What a person decides holds at once, and at which period
 * a task was is not said here: it counts from when it was decided, by the configured clock.
 */
const beginningOf = (crowning: Crowning): number =>
  crowning.type === 'ModelPromoted' && crowning.effectiveFrom > 0
    ? crowning.effectiveFrom
    : crowning.decidedAt;

/** As tasks take it: what is decided later wins over what has not begun by then. */
const succeeded = (reigns: readonly Reign[], crowning: Crowning): readonly Reign[] => {
  const from = beginningOf(crowning);
  const before = reigns
    .filter((reign) => reign.from < from)
    .map((reign) => ({ ...reign, until: Math.min(reign.until, from) }));
  return [...before, { from, until: Infinity, crowning }];
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
      ...{ line: NO_VERSIONS, histories: new Map<string, History>(), reigns: [] },
    };
    lines.set(name, told);
    const history = historyOf(told, event);
    history?.events.push(event);
    if (isVoid(told.line, event)) history?.voided.push(event);
    else if (history !== undefined && isCrowning(event)) {
      told.reigns = succeeded(told.reigns, event);
    }
    told.line = foldModelEvent(told.line, event);
  }
  return [...lines.values()].flatMap(({ line, histories, reigns }) =>
    line.versions.flatMap(({ sha256, role }) => {
      const history = histories.get(sha256);
      const own = reigns.filter(({ crowning }) => crowning.sha256 === sha256);
      return history === undefined ? [] : [{ ...history, role, reigns: own }];
    }),
  );
};
