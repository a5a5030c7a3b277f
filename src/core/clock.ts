/**
 * Where wall-clock time comes from; injected, so that a replay or a demo can run on its own clock.
 */
export interface Clock {
  /** Milliseconds since 1970 in UTC. */
  now(): number;
  /** Monotonic milliseconds, for durations only. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

export interface ScaledClockOptions {
  readonly startMs: number;
  readonly speed: number;
}

/** A clock that starts at `startMs` when it is made and runs `speed` times as fast as `base`. */
export const scaledClock = (
  { startMs, speed }: ScaledClockOptions,
  base: Clock = systemClock,
): Clock => {
  const madeAt = base.monotonic();
  return {
    now: () => Math.floor(startMs + (base.monotonic() - madeAt) * speed),
    monotonic: () => base.monotonic(),
  };
};
