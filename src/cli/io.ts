import { isatty } from 'node:tty';
import type { OpenLog } from './opened-log.ts';

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
  /** Opens the log that the configuration names. */
  readonly openLog: OpenLog;
}

const outputTo = (stream: typeof process.stdout | typeof process.stderr): Output => ({
  isTerminal: isatty(stream.fd),
  write: (text) =>
    new Promise((resolve) => {
      if (stream.write(text)) resolve();
      else stream.once('drain', resolve);
    }),
});

/** Aborts on the first SIGINT or SIGTERM; a second one ends the process as it always did. */
const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(name));
  return stop.signal;
};

/** A reader that goes away (`tidecast topics read T | head`) has seen enough: no failure. */
const endQuietlyWithoutReader = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
};

/** The terminal, environment and signals of this process. */
export const processIo = (env: Io['env'], openLog: OpenLog): Io => {
  endQuietlyWithoutReader();
  return {
    out: outputTo(process.stdout),
    err: outputTo(process.stderr),
    env,
    signal: stopSignal(),
    openLog,
  };
};
