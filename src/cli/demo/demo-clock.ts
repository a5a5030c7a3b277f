import { scaledClock, systemClock, type Clock, type ScaledClockOptions } from '../../core/clock.ts';

/** The clock of the demo: it stands until it is started, and then runs faster than the world's. */
export interface DemoClock extends Clock {
  start(): void;
}

/** Stands at `startMs` for as long as the history is being read in, so that nothing is ahead. */
export const demoClock = (options: ScaledClockOptions, base: Clock = systemClock): DemoClock => {
  let running: Clock | undefined;
  return {
    now: () => running?.now() ?? options.startMs,
    monotonic: () => base.monotonic(),
    start: () => {
      running ??= scaledClock(options, base);
    },
  };
};
