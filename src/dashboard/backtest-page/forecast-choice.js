import { element } from '../assets/dom.js';
import { count, percent, plural, signedPercent } from '../assets/format.js';
import { scaled } from './result-words.js';

/** About as many periods as can be told apart, on a wide screen and on a phone. */
const periodsReadable = () => (matchMedia('(max-width: 760px)').matches ? 72 : 168);
const GROUPS = { worst: 'Worst', median: 'In the middle', best: 'Best' };

/** A choice of the series that are drawn, by how good they are forecast. */
export const fillSelect = (select, { series, drawn, seriesCount }) => {
  const isDrawn = new Set(drawn.map(({ seriesId }) => seriesId));
  const groups = Object.entries(GROUPS).flatMap(([group, label]) => {
    const members = series.filter((one) => one.group === group && isDrawn.has(one.seriesId));
    if (members.length === 0) return [];
    const options = members.map(({ seriesId }) => element('option', { value: seriesId }, seriesId));
    return [element('optgroup', { label }, ...options)];
  });
  select.replaceChildren(...groups);
  select.parentElement.hidden = seriesCount < 2;
};

/** How many forecasts may be drawn side by side. */
export const spansOf = ({ forecasts }, { horizon }) => {
  const many = forecasts.length;
  const apart = (forecasts.at(-1).origin - forecasts[0].origin) / Math.max(1, many - 1);
  const readable = Math.max(1, Math.floor(periodsReadable() / Math.max(horizon, apart)));
  const spans = [...new Set([1, Math.min(readable, many), many])];
  return spans.map((value) => ({
    value,
    label: value === many && many > 1 ? `All ${many}` : plural(value, 'forecast'),
  }));
};

/** How the model did on one series. */
export const factsOf = ({ rank, mase, wape, bias, levels, count: n }, { seriesCount }) => {
  const held = levels.map(({ level, coverage }) => `${level} % held ${percent(coverage)}`);
  const place = seriesCount < 2 ? [] : [`rank ${rank} of ${count(seriesCount)}, 1 is the worst`];
  return [
    ...place,
    ...[`MASE ${scaled(mase)}`, `WAPE ${percent(wape)}`, `bias ${signedPercent(bias)}`],
    ...held,
    `n = ${count(n)}`,
  ].join(' · ');
};

/** What is not drawn, and why. */
export const noteOf = ({ forecasts }, data) => {
  const { origins, seriesCount, drawn, shownPeriodsMax } = data;
  const series =
    seriesCount <= drawn.length
      ? ''
      : `${drawn.length} of ${count(seriesCount)} series can be drawn: the worst by MASE, some in ` +
        'the middle and the best. ';
  const kept =
    forecasts.length === origins.count
      ? ''
      : `Of ${plural(origins.count, 'origin')} the latest ${count(forecasts.length)} whose ` +
        `forecasts do not overlap are here, at most ${count(shownPeriodsMax)} periods.`;
  return `${series}${kept}`;
};
