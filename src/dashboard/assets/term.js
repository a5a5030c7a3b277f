import { button, byId } from './dom.js';

const GAP = 6;
const EDGE = 12;

/** Beside the word, and inside of the window. */
const placeBeside = (note, { left, bottom, top }) => {
  const { width, height } = note.getBoundingClientRect();
  const below = bottom + GAP;
  const isLow = below + height > window.innerHeight - EDGE;
  // Through the object model: the page's policy forbids styles in markup.
  note.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - width - EDGE))}px`;
  note.style.top = `${isLow ? Math.max(EDGE, top - height - GAP) : below}px`;
};

/**
 * A word that explains itself when it is pressed, by finger, pointer or key; Escape closes it. The
 * explanations are in the page, as popovers `term-…`, and outlive the words that are written anew.
 */
export const term = (name, text) => {
  const node = button(text, () => undefined, {
    class: 'term',
    popovertarget: `term-${name}`,
    'aria-describedby': `term-${name}`,
    'data-key': ` term-${name}`,
  });
  node.addEventListener('click', () => {
    const note = byId(`term-${name}`);
    if (note.matches(':popover-open')) return;
    // The browser opens it after this; its size is known then.
    const place = node.getBoundingClientRect();
    note.addEventListener('toggle', () => placeBeside(note, place), { once: true });
  });
  return node;
};
