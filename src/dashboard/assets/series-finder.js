import { bones, byId, failureNote, say, segments } from './dom.js';
import { noteOf, seriesSearch } from './found-series.js';
import { seriesOptions } from './series-options.js';
import { throttled } from './throttle.js';

const SEARCH_EVERY_MS = 150;
const PAGE = 8;
const ORDERS = [
  { value: 'name', label: 'By name' },
  { value: 'worst', label: 'Worst first' },
];

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

/** What the keys and clicks do: `find` looks again, `open` takes a series. */
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

const orderSwitch = (onChoose) => {
  const orders = segments(byId('orders'), ORDERS, onChoose);
  orders.press(ORDERS[0].value);
  return orders;
};

/** The list of series with their error against the naive; arrows move in it, Enter opens. */
export const seriesFinder = ({ onOpen }) => {
  const [input, list, note] = [byId('search'), byId('series-list'), byId('series-note')];
  const options = seriesOptions(list, input);
  const search = seriesSearch();
  let whole = null;
  let order = ORDERS[0].value;

  const fail = ({ message }, onRetry) =>
    list.replaceChildren(failureNote('The list', message, onRetry));
  const find = async () => {
    if (whole === null) return;
    const asked = { search: input.value.trim(), order };
    const { value, failure } = await search(whole, asked);
    if (input.value.trim() !== asked.search) return;
    if (value) {
      say(note, noteOf(value, asked.search));
      options.show(value.series);
    } else if (!failure.isAbandoned && failure.status !== 0) {
      fail(failure, find);
    }
  };
  const orders = orderSwitch((value) => {
    order = value;
    list.scrollTop = 0;
    find();
  });
  wire(input, list, {
    options,
    find: throttled(find, SEARCH_EVERY_MS),
    open: (series) => series !== null && onOpen(series.id),
  });

  return {
    /** The list as it was read last: `{ value }` or `{ failure }`. */
    take({ value, failure }, onRetry) {
      if (!value) return whole === null && failure.status !== 0 && fail(failure, onRetry);
      whole = value;
      return find();
    },
    clear() {
      whole = null;
      input.value = '';
      options.show([]);
      list.replaceChildren(bones());
    },
    /** The whole list by error, where the keys go on from. */
    showWorst() {
      input.value = '';
      orders.choose('worst');
      input.focus();
    },
    choose: (id) => options.choose(id),
  };
};
