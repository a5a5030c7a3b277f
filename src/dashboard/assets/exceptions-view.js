import { button, element, refill } from './dom.js';
import { exceptionsOf, namedOf } from './exceptions.js';
import { count, percent } from './format.js';

const NAMED_MAX = 6;

const why = ({ stale, skill }) => (stale ? 'stale' : `${percent(-skill)} worse`);

const chip = (series, onOpen) => {
  const attributes = { class: 'chip', title: `Open ${series.id}`, 'data-key': series.id };
  const node = button('', () => onOpen(series.id), attributes);
  node.append(element('b', {}, series.id), ` ${why(series)}`);
  return node;
};

/** Series that the verdict does not hold for, each a button that opens it; the others in the list. */
export const renderExceptions = (host, listed, { onOpen, onMore }) => {
  const all = exceptionsOf(listed);
  const named = namedOf(all, NAMED_MAX);
  if (named.length === 0) return host.replaceChildren();
  const rest = all.worse.length + all.stale.length - named.length;
  const attributes = { class: 'more', title: 'Show the list, worst first', 'data-key': ' more' };
  const more = rest > 0 ? button(`and ${count(rest)} more`, onMore, attributes) : '';
  const chips = named.map((series) => chip(series, onOpen));
  return refill(host, 'Not these:', ...chips, more);
};
