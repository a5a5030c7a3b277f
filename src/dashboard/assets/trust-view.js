import { button, byId, element, say } from './dom.js';
import { percent } from './format.js';
import { renderTiles } from './tiles.js';
import { disconnectedVerdict, verdictOf } from './verdict.js';

const WINDOW = '7d';
const NAMED_MAX = 6;

/** The last seven days of what serves now; just promoted, it has them from its time in shadow. */
export const servingAccuracy = (accuracy, champion) => {
  const weekly = accuracy.filter(({ window }) => window.kind === WINDOW);
  const own = weekly.filter(({ version }) => version === champion?.version);
  const serving = own.length > 0 ? own : weekly.filter(({ role }) => role === 'champion');
  return serving.toSorted((one, other) => other.window.end - one.window.end)[0] ?? null;
};

const worst = (listed) =>
  listed
    .filter(({ stale, skill }) => stale || (skill !== null && skill < 0))
    .sort(
      (one, other) =>
        Number(other.stale) - Number(one.stale) || (one.skill ?? 0) - (other.skill ?? 0),
    );

const why = ({ stale, skill }) => (stale ? 'stale' : `${percent(-skill, 0)} worse`);

/** Series that the verdict does not hold for, each a button that opens it. */
const renderExceptions = (host, listed, onOpen) => {
  const named = worst(listed);
  const chips = named
    .slice(0, NAMED_MAX)
    .map((series) =>
      button('', () => onOpen(series.id), { class: 'chip', title: `Open ${series.id}` }),
    );
  for (const [index, chip] of chips.entries()) {
    chip.append(element('b', {}, named[index].id), ` ${why(named[index])}`);
  }
  const rest = named.length - chips.length;
  const more = rest > 0 ? `and ${rest} more` : '';
  host.replaceChildren(...(chips.length === 0 ? [] : ['Not these:', ...chips, more]));
};

/** Verdict, exceptions and tiles. */
export const trustView = ({ onOpen }) => {
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
      renderExceptions(byId('exceptions'), known.listed, onOpen);
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
