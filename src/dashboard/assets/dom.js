export const byId = (id) => document.getElementById(id);

/** Text that comes from data reaches the page through text nodes alone, so markup in it stays text. */
export const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};

export const button = (text, onClick, attributes = {}) => {
  const node = element('button', { type: 'button', ...attributes }, text);
  node.addEventListener('click', onClick);
  return node;
};

/** Sets a text only where it changed: a live region speaks each time that it is written. */
export const say = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

/**
 * Replaces what is in a part of the page that is written anew every few seconds. The focus stays on
 * the child of the same `data-key`, so that whoever goes by keys is not thrown back to the start.
 */
export const refill = (host, ...children) => {
  const key = host.contains(document.activeElement)
    ? document.activeElement.dataset.key
    : undefined;
  host.replaceChildren(...children);
  if (key === undefined) return;
  const same = [...host.querySelectorAll('[data-key]')].find((node) => node.dataset.key === key);
  same?.focus({ preventScroll: true });
};

/** Placeholder lines while a part is read for the first time. */
export const bones = () =>
  element(
    'div',
    { class: 'bones', 'aria-hidden': 'true' },
    element('i'),
    element('i'),
    element('i'),
  );

export const blank = (title, detail) =>
  element('div', { class: 'blank' }, element('b', {}, title), detail);

export const failureNote = (what, message, onRetry) =>
  element(
    'p',
    { class: 'failure', role: 'alert' },
    `${what} could not be read: ${message}`,
    button('Try again', onRetry),
  );

/** A row of buttons of which one is pressed; calls back with the value chosen. */
export const segments = (host, options, onChoose) => {
  const buttons = options.map(({ value, label }) =>
    button(label, () => choose(value), { 'data-value': value }),
  );
  const press = (value) => {
    for (const node of buttons) {
      node.setAttribute('aria-pressed', String(node.dataset.value === String(value)));
    }
  };
  const choose = (value) => {
    press(value);
    onChoose(value);
  };
  host.replaceChildren(...buttons);
  return { press, choose };
};
