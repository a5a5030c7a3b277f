import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { GuardedProcess } from './guarded-process.ts';
import { HOST } from './ports.ts';
import { StarterError } from './starter-error.ts';

const START_MS = 90_000;
const LOOK_MS = 100;
const ANSWER_MS = 2_000;

/** ApiVersions, version 0, correlation 7, no client id: what any client asks first. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]);
/** Size, correlation and error code. */
const ANSWER_BYTES_MIN = 10;

/** Whether a broker on this port answers a request of the protocol, without an error. */
export const brokerAnswers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, HOST);
    let answer = Buffer.alloc(0);
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.once('connect', () => socket.write(API_VERSIONS));
    socket.on('data', (bytes: Buffer) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length >= ANSWER_BYTES_MIN) socket.destroy();
    });
    socket.once('error', () => socket.destroy());
    socket.once('close', () => {
      const isWhole = answer.length >= ANSWER_BYTES_MIN;
      resolve(isWhole && answer.readInt32BE(4) === 7 && answer.readInt16BE(8) === 0);
    });
  });

/** Whether something answers a GET of this address with success. */
export const httpAnswers = async (address: string): Promise<boolean> => {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // Not yet, or never: whoever asks has a bound.
    return false;
  }
};

export interface Started {
  readonly what: string;
  readonly process: GuardedProcess;
  readonly log: string;
}

/** Waits until it answers; throws, with where to look, when it ended or takes too long. */
export const untilAnswers = async (
  { what, process, log }: Started,
  answers: () => Promise<boolean>,
): Promise<void> => {
  for (const began = Date.now(); !(await answers());) {
    if (process.hasEnded) throw new StarterError(`${what} ended while it started: see ${log}`);
    if (Date.now() - began > START_MS) {
      throw new StarterError(`${what} did not answer within ${START_MS / 1000} s: see ${log}`);
    }
    await wait(LOOK_MS);
  }
};
