import { blank, element } from './dom.js';
import { byClock } from './event-order.js';
import { eventWords, groupKey } from './event-words.js';
import { instant, shortInstant } from './format.js';

const SHOWN_MAX = 40;
const KEPT_MAX = 400;

/** Events of one key, as one, where the latest of them stands. */
const grouped = (events) => {
  const groups = new Map();
  for (const event of events) {
    const key = groupKey(event);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { event, many: 1 });
    else group.many += 1;
  }
  return [...groups.values()];
};

const eventItem = ({ event, many }, arrived) => {
  const words = eventWords(event, many);
  if (words === null) return null;
  const { mark, tone, what, detail } = words;
  const classes = arrived.has(event.id) ? 'event is-new' : 'event';
  const date = new Date(event.at).toISOString();
  return element(
    'li',
    { class: classes, 'data-tone': tone },
    element('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
    element('time', { datetime: date, title: `${instant(event.at)} UTC` }, shortInstant(event.at)),
    element('span', { class: 'what' }, what, element('span', { class: 'detail' }, detail)),
  );
};

const byTime = (one, other) => other.at - one.at;

/** Events of the stream: those that the status told of, and those that arrived since. */
export const eventsPanel = (host) => {
  let events = [];
  const arrived = new Set();
  const render = () => {
    const items = grouped(byClock(events))
      .map((group) => eventItem(group, arrived))
      .filter((item) => item !== null)
      .slice(0, SHOWN_MAX);
    const none = blank(
      'Nothing yet',
      'Promotions, rejections, drift and alerts will be listed here.',
    );
    host.replaceChildren(...(items.length === 0 ? [element('li', {}, none)] : items));
  };
  const merge = (more) => {
    const known = new Map(events.map((event) => [event.id, event]));
    for (const event of more) known.set(event.id, event);
    events = [...known.values()].sort(byTime).slice(0, KEPT_MAX);
  };
  return {
    all: () => events,
    merge(more) {
      merge(more);
      render();
    },
    arrive(event) {
      arrived.add(event.id);
      merge([event]);
      render();
    },
    clear() {
      events = [];
      arrived.clear();
    },
  };
};
