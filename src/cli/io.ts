import { createInterface } from 'node:readline';
import { isatty } from 'node:tty';
import type { OpenLog } from './opened-log.ts';
import { openedOrStopped } from './opened-or-stopped.ts';

/** Where a command writes. */
export interface Output {
  /** true: a person is watching, so that progress may overwrite itself. */
  readonly isTerminal: boolean;
  /** Resolves when more may be written, so that a slow reader holds the command back. */
  write(text: string): Promise<void>;
}

/** Everything that a command touches outside of itself; tests hand in their own. */
export interface Io {
  /** Results, and nothing else. */
  readonly out: Output;
  /** Progress, notices and errors. */
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the user or the system asks to stop. */
  readonly signal: AbortSignal;
  /** Asks the person at the terminal; undefined: there is nobody. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** Opens the log that the configuration names. */
  readonly openLog: OpenLog;
}

/** Why `signal` aborted: whoever reads the results has gone away, and has seen enough. */
export const READER_GONE = 'EPIPE';

/** Resolves also when the reader has gone away: nobody waits for a drain that never comes. */
const outputTo = (stream: typeof process.stdout | typeof process.stderr): Output => ({
  isTerminal: isatty(stream.fd),
  write: (text) =>
    new Promise((resolve) => {
      if (stream.write(text, () => resolve())) resolve();
    }),
});

/** On the terminal, and beside the results. */
const askOn = async (question: string, signal: AbortSignal): Promise<string | undefined> => {
  if (!isatty(process.stdin.fd)) return undefined;
  process.stderr.write(question);
  // Ends without a line when the terminal is closed, or when the user asks to stop.
  const lines = createInterface({ input: process.stdin, signal });
  for await (const line of lines) return line;
  return undefined;
};

/** Aborts on the first SIGINT or SIGTERM; a second one ends the process as it always did. */
const stopOnSignals = (): AbortController => {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(name));
  return stop;
};

/**
 * A reader that goes away (`tidecast topics read T | head`) has seen enough: no failure. The
 * command is asked to stop and closes what it has open, since a native library that is cut off
 * takes the process along with a signal.
 */
const endQuietlyWithoutReader = (stop: AbortController): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== READER_GONE) throw error;
    process.exitCode = 0;
    stop.abort(READER_GONE);
  });
};

/** The terminal, environment and signals of this process. */
export const processIo = (env: Io['env'], openLog: OpenLog): Io => {
  const stop = stopOnSignals();
  endQuietlyWithoutReader(stop);
  return {
    out: outputTo(process.stdout),
    err: outputTo(process.stderr),
    env,
    signal: stop.signal,
    ask: (question) => askOn(question, stop.signal),
    openLog: openedOrStopped(openLog, stop.signal),
  };
};
