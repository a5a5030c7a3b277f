/**
 * Calls at most once in `intervalMs`, and once more at its end when it was asked for meanwhile. A
 * run that takes longer is waited for: there is never a second one beside it.
 */
export const throttled = (run, intervalMs) => {
  let isBusy = false;
  let isAsked = false;
  const fire = async () => {
    isBusy = true;
    isAsked = false;
    try {
      await run();
    } finally {
      setTimeout(() => {
        isBusy = false;
        if (isAsked) void fire();
      }, intervalMs);
    }
  };
  return () => {
    isAsked = true;
    if (!isBusy) void fire();
  };
};
