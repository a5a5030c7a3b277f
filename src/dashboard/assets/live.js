import { address } from './api.js';

const TYPES = [
  'model',
  'accuracy',
  'drift',
  'alert',
  'decision',
  'retraining-request',
  'forecast',
  'score',
];
/** Between attempts when the browser gave up by itself; it retries lost connections on its own. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 10_000;

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    // A line that is no JSON says nothing that could be shown; the next poll has the truth.
    return null;
  }
};

/** One connection to the events of a stream and one series; `onState` says `live` or `disconnected`. */
export const liveEvents = ({ onEvent, onState }) => {
  let source = null;
  let timer = null;
  let retryMs = RETRY_MS_MIN;
  let wanted = null;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const listen = () => {
    const opened = new EventSource(address('events', wanted));
    source = opened;
    opened.addEventListener('open', () => {
      retryMs = RETRY_MS_MIN;
      onState('live');
    });
    opened.addEventListener('error', () => {
      onState('disconnected');
      if (opened.readyState !== EventSource.CLOSED || opened !== source) return;
      timer = setTimeout(listen, retryMs);
      retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
    });
    for (const type of TYPES) {
      opened.addEventListener(type, (event) => {
        const data = parsed(event.data);
        if (data !== null) onEvent(type, data);
      });
    }
  };

  return {
    follow(stream, series) {
      close();
      wanted = { stream, series };
      listen();
    },
    close,
  };
};
