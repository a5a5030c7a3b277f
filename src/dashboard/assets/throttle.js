/** Calls at most once in `intervalMs`, and once more at its end when it was asked for meanwhile. */
export const throttled = (run, intervalMs) => {
  let timer = null;
  let isAsked = false;
  const fire = () => {
    isAsked = false;
    run();
    timer = setTimeout(() => {
      timer = null;
      if (isAsked) fire();
    }, intervalMs);
  };
  return () => {
    isAsked = true;
    if (timer === null) fire();
  };
};

/** Calls once, `delayMs` after it was first asked for, however often it is asked meanwhile. */
export const delayed = (run, delayMs) => {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      run();
    }, delayMs);
  };
};
