import { latestRead } from './api.js';
import { bones, byId, failureNote, say } from './dom.js';
import { plural } from './format.js';
import { seriesOptions } from './series-options.js';
import { throttled } from './throttle.js';

/** More than anyone scrolls through; a search finds the rest. */
const LISTED_MAX = 200;
const SEARCH_EVERY_MS = 150;
const PAGE = 8;

const noteOf = ({ total, series }, search) => {
  if (total === 0) {
    return search === '' ? 'No series yet: the first event makes one.' : 'No series has this name.';
  }
  const shown = total > series.length ? `first ${series.length} of ` : '';
  return `${shown}${plural(total, 'series')} · error / best naive, 7 days`;
};

const isTyping = () => /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '');

/** A slash anywhere on the page begins a search. */
const focusOnSlash = (input) =>
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping()) return;
    event.preventDefault();
    input.focus();
    input.select();
  });

const onKeys = (input, keys) =>
  input.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });

/** What the keys and clicks do: `find` reads the list again, `open` takes a series. */
const wire = (input, list, { options, find, open }) => {
  onKeys(input, {
    ArrowDown: () => options.move(1),
    ArrowUp: () => options.move(-1),
    PageDown: () => options.move(PAGE),
    PageUp: () => options.move(-PAGE),
    Enter: () => open(options.at()),
    Escape() {
      if (input.value === '') return input.blur();
      input.value = '';
      return find();
    },
  });
  input.addEventListener('input', () => {
    options.start(input.value === '' ? -1 : 0);
    find();
  });
  list.addEventListener('click', (event) => {
    const node = event.target.closest('.option');
    if (node !== null) open(options.at(Number(node.dataset.index)));
  });
  focusOnSlash(input);
};

/** The list of series with their error against the naive; arrows move in it, Enter opens. */
export const seriesFinder = ({ onOpen, onListed }) => {
  const [input, list, note] = [byId('search'), byId('series-list'), byId('series-note')];
  const options = seriesOptions(list, input);
  const readList = latestRead();
  let stream = null;

  const load = async () => {
    const search = input.value.trim();
    const parameters = { stream, search, limit: LISTED_MAX, offset: 0 };
    const { value, failure } = await readList('series', parameters);
    if (value) {
      say(note, noteOf(value, search));
      options.show(value.series);
      if (search === '') onListed(value);
    } else if (!failure.isAbandoned && failure.status !== 0) {
      list.replaceChildren(failureNote('The list', failure.message, load));
    }
  };
  wire(input, list, {
    options,
    find: throttled(load, SEARCH_EVERY_MS),
    open: (series) => series !== null && onOpen(series.id),
  });

  return {
    load,
    switchTo(name) {
      stream = name;
      input.value = '';
      options.show([]);
      list.replaceChildren(bones());
      return load();
    },
    choose: (id) => options.choose(id),
  };
};
