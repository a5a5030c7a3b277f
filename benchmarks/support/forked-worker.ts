import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoopShape } from './loop.ts';
import type { Cost } from './measure.ts';

const WORKER_PROCESS = join(import.meta.dirname, '..', 'worker-process.js');

/** A process that runs its share of the tasks of a loop. */
export class ForkedWorker {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private isTold = false;

  constructor(shape: LoopShape) {
    this.child = fork(WORKER_PROCESS, [JSON.stringify(shape)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.ended = once(this.child, 'close');
  }

  /** The measured part begins. */
  begin(): void {
    this.child.send('begin');
  }

  /** The measured part ends; returns what it cost this process, which then stops. */
  async end(): Promise<Cost> {
    const answer = once(this.child, 'message');
    this.isTold = true;
    this.child.send('end');
    const [cost] = (await answer) as readonly unknown[];
    // The process runs `worker-process.ts` of this checkout.
    return cost as Cost;
  }

  /** Resolves when the process is gone; it is killed where nobody has told it to stop. */
  async close(): Promise<void> {
    if (!this.isTold) this.child.kill('SIGKILL');
    await this.ended;
  }
}
