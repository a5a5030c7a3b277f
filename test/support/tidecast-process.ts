import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ROOT } from './repository.ts';

/** What `npm run build` makes, and `npm test` builds first. */
const MAIN = `${ROOT}dist/cli/main.js`;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A real process of tidecast, to be killed at will. */
export class TidecastProcess {
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private out = '';
  private err = '';

  constructor(args: readonly string[], cwd: string) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build first`);
    this.child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        resolve({ code, signal, out: this.out, err: this.err });
      });
    });
  }

  /** What it has said on stderr so far. */
  get said(): string {
    return this.err;
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
