/** The clock of the application, which may have started elsewhere and run faster than ours. */
export const appClock = () => {
  let base = null;
  return {
    sync(now, speed) {
      base = { now, speed, at: performance.now() };
    },
    /** Epoch ms; null before the first answer. */
    now() {
      if (base === null) return null;
      return base.now + (performance.now() - base.at) * base.speed;
    },
    get speed() {
      return base?.speed ?? 1;
    },
    /** Without news the clock cannot be known, so it stops where it was. */
    hold() {
      const now = this.now();
      if (now !== null) base = { now, speed: 0, at: performance.now() };
    },
  };
};
