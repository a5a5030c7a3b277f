import { byId, say } from './dom.js';
import { renderExceptions } from './exceptions-view.js';
import { isCatchingUp } from './findings.js';
import { renderTiles } from './tiles.js';
import { disconnectedVerdict, verdictOf } from './verdict.js';

/** Of the window that decides, what serves now; just promoted, it has it from its time in shadow. */
export const servingAccuracy = (accuracy, { champion, accuracyWindow }) => {
  const decisive = accuracy.filter(({ window }) => window.kind === accuracyWindow);
  const own = decisive.filter(({ version }) => version === champion?.version);
  const serving = own.length > 0 ? own : decisive.filter(({ role }) => role === 'champion');
  return serving.toSorted((one, other) => other.window.end - one.window.end)[0] ?? null;
};

/** Verdict, exceptions and tiles. */
export const trustView = (acts) => {
  const [headline, reasons] = [byId('verdict'), byId('verdict-why')];
  let last = null;
  const show = ({ trust, headline: text, why: because }) => {
    headline.dataset.trust = trust;
    say(headline, text);
    say(reasons, because);
  };
  return {
    render(known) {
      last = verdictOf(known);
      show(last);
      // Until the history is through each series is late, and none is an exception.
      const listed = isCatchingUp(known) ? [] : known.listed;
      renderExceptions(byId('exceptions'), listed, acts);
      renderTiles(byId('tiles'), known);
    },
    disconnected(at) {
      if (headline.dataset.trust === 'loading' || last !== null)
        show(disconnectedVerdict(last, at));
    },
    nothing(text, detail) {
      show({ trust: 'unknown', headline: text, why: detail });
      byId('exceptions').replaceChildren();
      byId('tiles').replaceChildren();
    },
  };
};
