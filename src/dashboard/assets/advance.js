/** Event time that stood still for so long is not read history, however far it is behind. */
const STILL_MS = 10_000;

/** Whether the event time of streams goes on; what is seen for the first time is taken to. */
export const advanceWatch = (nowMs = () => performance.now()) => {
  const seen = new Map();
  return {
    note({ name, watermark }) {
      const last = seen.get(name);
      const time = watermark ?? -Infinity;
      if (last === undefined || time > last.time) seen.set(name, { time, at: nowMs() });
    },
    isAdvancing: ({ name }) => nowMs() - (seen.get(name)?.at ?? nowMs()) < STILL_MS,
  };
};
