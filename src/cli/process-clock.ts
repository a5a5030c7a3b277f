import type { Config } from '../config/config.ts';
import { scaledClock, systemClock, type Clock } from '../core/clock.ts';

/** The clock that the configuration asks for, which starts when this is called. */
export const processClock = ({ clock: { startMs, speed } }: Config): Clock =>
  startMs === undefined && speed === 1
    ? systemClock
    : scaledClock({ startMs: startMs ?? systemClock.now(), speed });
