import { byId, say } from './dom.js';
import { frequencyWords, instant, plural } from './format.js';
import { renderErrors } from './series-errors.js';
import { seriesStage } from './series-stage.js';

const facts = ({ frequency, horizon, state, forecast }) => {
  const shape = `${state} · ${frequencyWords(frequency)} · ${plural(horizon, 'step')} ahead`;
  if (forecast === null) return `${shape} · no forecast yet`;
  const { origin, model, strategy } = forecast;
  const by = model.version === '' ? strategy : `${model.version}, ${strategy}`;
  return `${shape} · last closed period ${instant(origin)} UTC · by ${by}`;
};

const renderHead = (id, text) => {
  say(byId('series-heading'), id);
  say(byId('series-facts'), text);
};

/** What is shown of one series: its name and facts, the stage, and its error beside it. */
export const seriesPage = () => {
  const stage = seriesStage();
  const errors = byId('errors');
  const redraw = (series) => {
    renderHead(series.id, facts(series));
    stage.show(series);
  };
  return {
    redraw,
    show(series) {
      renderErrors(errors, series);
      redraw(series);
    },
    /** Where there is nothing to draw: the name, and why. */
    note(id, node) {
      renderHead(id, '');
      stage.note(node);
      errors.replaceChildren();
    },
    tick: stage.tick,
    recolour: stage.recolour,
  };
};
