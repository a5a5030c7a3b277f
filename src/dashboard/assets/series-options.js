import { element } from './dom.js';
import { isWorse } from './exceptions.js';
import { percent } from './format.js';

const against = (series) => {
  const { stale, wape, naiveWape } = series;
  if (stale) return { text: 'stale', state: 'care' };
  if (wape === null) return { text: 'not scored', state: null };
  if (naiveWape === null) return { text: percent(wape), state: null };
  const isBad = isWorse(series);
  const sign = isBad ? ' ▲' : '';
  return {
    text: `${percent(wape)} / ${percent(naiveWape)}${sign}`,
    state: isBad ? 'bad' : null,
  };
};

const option = (series, index, chosen) => {
  const { text, state } = against(series);
  const attributes = {
    id: `series-${index}`,
    class: 'option',
    role: 'option',
    'aria-selected': String(series.id === chosen),
    'data-index': index,
  };
  return element(
    'li',
    attributes,
    element('span', { class: 'name', title: series.id }, series.id),
    element('span', { class: 'against', 'data-state': state }, text),
  );
};

/** The options of a combobox: one is chosen (open), one may be active (where the arrows are). */
export const seriesOptions = (list, input) => {
  let listed = [];
  let chosen = null;
  let active = -1;
  const highlight = (index) => {
    active = Math.max(-1, Math.min(listed.length - 1, index));
    for (const [at, node] of [...list.children].entries()) {
      node.classList.toggle('is-active', at === active);
    }
    const node = active === -1 ? null : list.children[active];
    input.setAttribute('aria-activedescendant', node?.id ?? '');
    return node;
  };
  const render = () => {
    list.replaceChildren(...listed.map((series, index) => option(series, index, chosen)));
    highlight(active);
    input.setAttribute('aria-expanded', String(listed.length > 0));
  };
  return {
    show(series) {
      listed = series;
      render();
    },
    choose(id) {
      chosen = id;
      render();
    },
    move: (by) => highlight(active + by)?.scrollIntoView({ block: 'nearest' }),
    start: (index) => highlight(index),
    /** The series at an index, or the active one, or the first. */
    at: (index = Math.max(0, active)) => listed[index] ?? null,
  };
};
