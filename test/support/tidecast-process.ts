import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { clearTimeout, setTimeout } from 'node:timers';
import { setTimeout as wait } from 'node:timers/promises';
import { builtMain } from './built-main.ts';
import { ROOT } from './repository.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface ProcessLimits {
  /** Largest file that it may write, in blocks of 1,024 bytes: what a full disk looks like. */
  readonly fileBlocksMax?: number;
  /** Largest heap of its main thread, in MiB: it dies when more is alive. */
  readonly heapMiBMax?: number;
  /** Where it ends itself: `records:sent#3`, see test/exactly-once/failpoints.mjs. */
  readonly failpoint?: string;
}

const LOOK_MS = 50;
/** A request that a dying broker leaves unanswered fails after half a minute, and not before. */
const STOP_MS = 45_000;
const FAILPOINTS = `${ROOT}test/exactly-once/failpoints.mjs`;

/** A real process of tidecast, to be killed at will. */
export class TidecastProcess {
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private out = '';
  private err = '';

  constructor(args: readonly string[], cwd: string, limits: ProcessLimits = {}) {
    const { fileBlocksMax, heapMiBMax, failpoint } = limits;
    const heap = heapMiBMax === undefined ? [] : [`--max-old-space-size=${heapMiBMax}`];
    const mortal = failpoint === undefined ? [] : ['--import', FAILPOINTS];
    const call = [process.execPath, ...heap, ...mortal, builtMain(), ...args];
    const [command = '', ...rest] =
      fileBlocksMax === undefined
        ? call
        : ['bash', '-c', `ulimit -f ${fileBlocksMax}; exec "$0" "$@"`, ...call];
    this.child = spawn(command, rest, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(failpoint === undefined ? {} : { TEST_FAILPOINT: failpoint }) },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        resolve({ code, signal, out: this.out, err: this.err });
      });
    });
  }

  /** MiB of it that lie in memory now; undefined once it is gone. */
  residentMiB(): number | undefined {
    const file = `/proc/${this.child.pid}/status`;
    const status = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(status) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1_024;
  }

  /** What it has said on stderr so far. */
  get said(): string {
    return this.err;
  }

  /** Resolves once it has said so on stderr; rejects when it ends before, or takes too long. */
  async says(what: RegExp, withinMs = 30_000): Promise<void> {
    for (let waitedMs = 0; !what.test(this.err); waitedMs += LOOK_MS) {
      const { exitCode, signalCode } = this.child;
      if (exitCode !== null || signalCode !== null || waitedMs > withinMs) {
        throw new Error(`it never said ${String(what)}, but: ${this.err}`);
      }
      await wait(LOOK_MS);
    }
  }

  /** As `ended`; killed when it takes too long, by a signal that nobody else sends. */
  async endsWithin(ms: number): Promise<Ended> {
    const timer = setTimeout(() => this.kill('SIGQUIT'), ms);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves once it has said so on stderr, or has ended. */
  async saysOrEnds(what: RegExp): Promise<void> {
    const { child } = this;
    while (child.exitCode === null && child.signalCode === null && !what.test(this.err)) {
      await wait(LOOK_MS);
    }
  }

  /** Asks it to stop, and throws what it said when it does not end well. */
  async stop(): Promise<void> {
    this.kill('SIGTERM');
    const { code, signal, err } = await this.endsWithin(STOP_MS);
    if (code !== 0) throw new Error(`a process ended with ${code ?? signal ?? '-'}: ${err}`);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Runs a command to its end; throws what it said when it fails. */
export const tidecast = async (cwd: string, ...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await new TidecastProcess(args, cwd).ended;
  if (code !== 0) throw new Error(`tidecast ${args.join(' ')} ended with ${code ?? '-'}: ${err}`);
  return out;
};
