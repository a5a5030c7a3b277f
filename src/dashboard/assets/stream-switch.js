import { byId, element } from './dom.js';

/** Which stream and which series to begin with; null where there is no stream. */
export const firstOf = (streams, query) => {
  const asked = streams.find(({ name }) => name === query.get('stream'));
  const first = asked ?? streams.find(({ isDefault }) => isDefault) ?? streams[0];
  if (first === undefined) return null;
  // A series of a stream that is gone is no series of another.
  const isMeant = asked !== undefined || !query.has('stream');
  return { name: first.name, series: isMeant ? query.get('series') : null };
};

/** The streams on offer. `onChoose` hears of the first one, and of each that is switched to. */
export const streamSwitch = ({ onChoose, onNone }) => {
  const select = byId('stream');
  let chosen = null;
  const choose = (name, series) => {
    chosen = name;
    onChoose(name, series);
  };
  select.addEventListener('change', (event) => choose(event.target.value, null));
  return {
    offer(streams) {
      const names = streams.map(({ name }) => name);
      if (names.join('\n') !== select.dataset.names) {
        select.dataset.names = names.join('\n');
        select.replaceChildren(...names.map((name) => element('option', { value: name }, name)));
      }
      if (chosen === null || !names.includes(chosen)) {
        const first = firstOf(streams, new URLSearchParams(location.search));
        if (first === null) onNone();
        else choose(first.name, first.series);
      }
      select.value = chosen ?? '';
    },
  };
};
