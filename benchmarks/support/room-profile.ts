import { Session, type Profiler } from 'node:inspector';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { threadTimes, threadTimesBetween, type ThreadTimes } from './thread-times.ts';

/** Self time of one room or function on the main thread, µs. */
export interface SelfTime {
  readonly name: string;
  readonly micros: number;
}

export interface RoomProfile {
  /** Without idle time. */
  readonly rooms: readonly SelfTime[];
  readonly functions: readonly SelfTime[];
  /** As the system counts them; undefined where it does not say. */
  readonly threads: ThreadTimes | undefined;
}

/** Samples this far apart cost little and are many thousands a second all the same. */
const SAMPLING_MICROS = 250;
const FUNCTIONS_MAX = 15;

const ROOT = pathToFileURL(join(import.meta.dirname, '..', '..')).href;
const SOURCE = `${ROOT}/src/`;
const BENCHMARKS = `${ROOT}/benchmarks/`;
const LIBRARY = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** What the engine of JavaScript does beside running functions. */
const ENGINE: Readonly<Record<string, string>> = {
  '(garbage collector)': 'garbage collection',
  '(program)': 'native code',
};

/** `src/log/embedded/frame.ts` is of `log`; of the engine each topology is a room of its own. */
const roomOfSource = (path: string): string => {
  const topology = /^streams\/topologies\/([^/.]+)/.exec(path)?.[1];
  return topology === undefined ? path.replace(/\/.*/, '') : `streams/${topology}`;
};

/** The room of a function; undefined for what has no file, which works for whoever called it. */
const roomOf = ({ url, functionName }: Profiler.ProfileNode['callFrame']): string | undefined => {
  const library = LIBRARY.exec(url)?.[1];
  if (library !== undefined) return library;
  if (url.startsWith(SOURCE)) return roomOfSource(url.slice(SOURCE.length));
  if (url.startsWith(BENCHMARKS)) return 'benchmarks';
  if (url.startsWith('node:')) return 'node';
  return ENGINE[functionName];
};

/** Without lines: what runs was stripped of them. */
const functionOf = ({ url, functionName }: Profiler.ProfileNode['callFrame']): string =>
  `${functionName || '(anonymous)'} ${url.replace(`${ROOT}/`, '')}`.trimEnd();

/** Waiting, and the inspector's own work at the beginning and the end. */
const isNoWork = ({ url, functionName }: Profiler.ProfileNode['callFrame']): boolean =>
  functionName === '(idle)' || (url === '' && functionName === 'dispatch');

const add = (sums: Map<string, number>, name: string, micros: number): void => {
  sums.set(name, (sums.get(name) ?? 0) + micros);
};

const descending = (sums: ReadonlyMap<string, number>): SelfTime[] =>
  [...sums]
    .map(([name, micros]) => ({ name, micros: Math.round(micros) }))
    .sort((one, other) => other.micros - one.micros);

const selfMicros = ({ samples = [], timeDeltas = [] }: Profiler.Profile): Map<number, number> => {
  const sums = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    sums.set(id, (sums.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return sums;
};

const summed = (profile: Profiler.Profile): Pick<RoomProfile, 'rooms' | 'functions'> => {
  const micros = selfMicros(profile);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const rooms = new Map<string, number>();
  const functions = new Map<string, number>();
  const visit = (node: Profiler.ProfileNode, caller: string): void => {
    const room = roomOf(node.callFrame) ?? caller;
    const self = micros.get(node.id) ?? 0;
    if (self > 0 && !isNoWork(node.callFrame)) {
      add(rooms, room, self);
      add(functions, functionOf(node.callFrame), self);
    }
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) visit(child, room);
    }
  };
  const [root] = profile.nodes;
  if (root !== undefined) visit(root, 'native code');
  return { rooms: descending(rooms), functions: descending(functions).slice(0, FUNCTIONS_MAX) };
};

/** What the main thread does between a beginning and an end, by sampling. */
export class RoomProfiler {
  private readonly session = new Session();
  private profile: Profiler.Profile | undefined;
  private begun: ThreadTimes | undefined;
  private threads: ThreadTimes | undefined;

  begin(): void {
    const { session } = this;
    session.connect();
    // In the same thread, calls of the inspector are done when they return.
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS });
    session.post('Profiler.start');
    this.begun = threadTimes();
  }

  end(): void {
    this.threads = threadTimesBetween(this.begun, threadTimes());
    this.session.post('Profiler.stop', (error, stopped) => {
      if (error !== null) throw error;
      this.profile = stopped.profile;
    });
    this.session.disconnect();
  }

  result(): RoomProfile {
    if (this.profile === undefined) throw new Error('the profiler has not been ended');
    return { ...summed(this.profile), threads: this.threads };
  }
}
