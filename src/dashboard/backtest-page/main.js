import { byId } from '../assets/dom.js';
import { themeToggle } from '../assets/theme.js';
import { coverageTable } from './coverage-table.js';
import { forecastStage } from './forecast-stage.js';
import { renderIntervals, renderResults, renderSeriesList, renderSteps } from './result-tables.js';
import { clockWords, renderTiles, renderVerdict } from './result-words.js';
import { stepsChart } from './steps-chart.js';

const data = JSON.parse(byId('data').textContent);

renderVerdict(data);
renderTiles(byId('tiles'), data);
renderResults(byId('results'), data);
renderIntervals(byId('intervals'), data);
renderSteps(byId('steps-table'), data);
byId('clock-note').textContent = clockWords(data);
coverageTable(data);

// Before the charts: it calls back at once, and a chart that is not drawn yet must not be redrawn.
const charts = [];
themeToggle(byId('theme'), () => {
  for (const chart of charts) chart.recolour();
});
const stage = forecastStage(data);
renderSeriesList(byId('list'), data, stage.choose);
byId('list-part').hidden = data.seriesCount < 2;
charts.push(stage, stepsChart(byId('steps'), byId('steps-legend'), data));
