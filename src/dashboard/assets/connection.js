import { byId, say } from './dom.js';
import { instant } from './format.js';

/** Shows the connection in the header, and a loss of it above everything. `at`: the clock, epoch ms. */
export const renderConnection = (state, at) => {
  const node = byId('connection');
  node.dataset.state = state;
  say(node, state);
  const isLost = state === 'disconnected';
  const note = byId('interruption');
  if (isLost && note.hidden) {
    const known = at === null ? '' : `What you see is as of ${instant(at)} UTC; `;
    say(note, `Connection lost. ${known}trying again…`);
  }
  note.hidden = !isLost;
};
