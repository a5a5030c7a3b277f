import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { StarterError } from './starter-error.ts';

/** A JVM ends within a second or two; one that hangs must not keep its starter. */
const STOP_MS = 15_000;

/**
 * Reads the id of a process, waits until whoever started it has ended in whatever way, which closes
 * the pipe, and ends the process too.
 */
const GUARD = `
read -r pid || exit 0
while read -r _; do :; done
kill -TERM "$pid" 2>/dev/null || exit 0
for _ in 1 2 3 4 5; do sleep 1; kill -0 "$pid" 2>/dev/null || exit 0; done
kill -KILL "$pid" 2>/dev/null
`;

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** File that what it says is added to. */
  readonly log: string;
}

/**
 * A process that never outlives this one, were this one killed without notice: a shell beside it
 * holds a pipe of ours. Both are sessions of their own, so that Ctrl-C reaches this process alone,
 * which then stops them in order.
 */
export class GuardedProcess {
  private readonly process: ChildProcess;
  private failure: Error | undefined;

  constructor({ command, args, cwd, log }: Command) {
    const guard = spawn('sh', ['-c', GUARD], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const file = openSync(log, 'a');
    this.process = spawn(command, args, {
      detached: true,
      stdio: ['ignore', file, file],
      ...(cwd === undefined ? {} : { cwd }),
    });
    closeSync(file);
    this.process.once('error', (error) => {
      this.failure = error;
      guard.kill('SIGKILL');
    });
    // Ended by itself: its id may soon be another's, which the guard must not end.
    this.process.once('exit', () => guard.kill('SIGKILL'));
    guard.on('error', (error) => {
      this.failure = error;
      this.process.kill('SIGKILL');
    });
    guard.stdin.on('error', () => {
      // The guard was ended first; there is nothing left to guard.
    });
    guard.unref();
    if (this.process.pid !== undefined) guard.stdin.write(`${this.process.pid}\n`);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get hasEnded(): boolean {
    return this.failure !== undefined || hasEnded(this.process);
  }

  /** The exit code, once it has ended; by a signal: none. */
  async ended(): Promise<number | undefined> {
    if (!this.hasEnded) await once(this.process, 'exit');
    if (this.failure !== undefined) throw new StarterError(this.failure.message);
    return this.process.exitCode ?? undefined;
  }

  /** Waits for its end if the signal is one to die of. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.process, 'exit');
    this.process.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await exited;
  }

  /** As a service is stopped: asked first, ended after a while. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const late = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    // A process that was paused hears of it only once it goes on.
    this.process.kill('SIGCONT');
    await this.kill('SIGTERM');
    clearTimeout(late);
  }
}
