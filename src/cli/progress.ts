import { SingleBar } from 'cli-progress';
import { systemClock, type Clock } from '../core/clock.ts';
import type { Io, Output } from './io.ts';

/** Says how far a long command has come. */
export interface Progress {
  /** `done` of the total, in the unit of the label. */
  update(done: number): void;
  /** Leaves a last line. */
  end(done: number): void;
}

export interface ProgressOptions {
  /** What is counted: `records`. */
  readonly label: string;
  /** undefined: nobody knows yet. */
  readonly total: number | undefined;
  readonly clock?: Clock;
}

/** A line at most so often where nobody is watching: logs stay readable. */
const LINE_INTERVAL_MS = 5_000;
const BAR_UPDATES_PER_SECOND = 10;

const bar = ({ label, total = 0 }: ProgressOptions): Progress => {
  const single = new SingleBar({
    format: `{bar} {percentage}% | {value}/{total} ${label} | {eta_formatted} left`,
    fps: BAR_UPDATES_PER_SECOND,
    hideCursor: true,
    stream: process.stderr,
  });
  single.start(total, 0);
  return {
    update: (done) => {
      single.update(done);
    },
    end: (done) => {
      single.update(done);
      single.stop();
    },
  };
};

const line = ({ label, total }: ProgressOptions, done: number): string =>
  total === undefined || total === 0
    ? `${done} ${label}`
    : `${done}/${total} ${label} (${Math.floor((100 * done) / total)}%)`;

const lines = (to: Output, options: ProgressOptions): Progress => {
  const { clock = systemClock } = options;
  const ending = to.isTerminal ? '\r' : '\n';
  const intervalMs = to.isTerminal ? 1_000 / BAR_UPDATES_PER_SECOND : LINE_INTERVAL_MS;
  let saidAt = clock.monotonic();
  return {
    update: (done) => {
      if (clock.monotonic() - saidAt < intervalMs) return;
      saidAt = clock.monotonic();
      void to.write(`${line(options, done)}${ending}`);
    },
    end: (done) => {
      void to.write(`${line(options, done)}\n`);
    },
  };
};

/** A bar on a terminal that knows its total, else plain lines now and then. */
export const progress = ({ err }: Io, options: ProgressOptions): Progress =>
  err.isTerminal && options.total !== undefined ? bar(options) : lines(err, options);
