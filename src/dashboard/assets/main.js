import { read } from './api.js';
import { appClock } from './app-clock.js';
import { renderConnection } from './connection.js';
import { byId, bones, element, failureNote, say } from './dom.js';
import { eventsPanel } from './events-panel.js';
import { count, instant } from './format.js';
import { liveEvents } from './live.js';
import { renderModels } from './models-panel.js';
import { seriesFinder } from './series-finder.js';
import { seriesView } from './series-view.js';
import { themeToggle } from './theme.js';
import { throttled } from './throttle.js';
import { servingAccuracy, trustView } from './trust-view.js';

const TICK_MS = 1_000;
const POLL_EVERY_MS = 5_000;
const LIST_EVERY_MS = 30_000;
/** Events of the engine come in bursts; what they change is read at most this often. */
const REREAD_EVERY_MS = 2_000;

const clock = appClock();
const chosen = { stream: null, series: null };
const known = { status: null, watermarks: new Map(), accuracy: [], models: [], listed: [] };
let connection = 'connecting';

const openSeries = (id) => {
  chosen.series = id;
  finder.choose(id);
  void series.open(chosen.stream, id);
  live.follow(chosen.stream, id);
  remember();
};

const remember = () => {
  const query = new URLSearchParams({ stream: chosen.stream });
  if (chosen.series !== null) query.set('series', chosen.series);
  history.replaceState(null, '', `?${query}`);
};

const trust = trustView({ onOpen: openSeries });
const series = seriesView();
const events = eventsPanel(byId('events'));
const finder = seriesFinder({
  onOpen: (id) => {
    openSeries(id);
    byId('series-heading').focus({ preventScroll: true });
  },
  onListed: ({ series: listed }) => {
    known.listed = listed;
    renderTrust();
    const first = listed.find(({ stale }) => !stale) ?? listed[0];
    if (chosen.series === null && first !== undefined) openSeries(first.id);
    else if (chosen.series === null) series.close();
  },
});

const streamNow = () => known.status?.streams.find(({ name }) => name === chosen.stream) ?? null;

const renderTrust = () => {
  const stream = streamNow();
  if (stream === null) return;
  if (connection === 'disconnected') return trust.disconnected(clock.now());
  const tasks = known.status.tasks.filter((task) => task.stream === stream.name);
  const accuracy = servingAccuracy(known.accuracy, stream.champion);
  const { models, listed } = known;
  const [now, speed] = [clock.now(), known.status.speed];
  const said = { events: events.all(), isAdvancing: isAdvancing(stream) };
  return trust.render({ stream, tasks, accuracy, models, listed, now, speed, ...said });
};

/** Whether event time went on since the status before; at first it is taken to. */
const isAdvancing = ({ name, watermark }) => watermark > (known.watermarks.get(name) ?? -Infinity);

const showStatus = (status) => {
  for (const stream of known.status?.streams ?? []) {
    known.watermarks.set(stream.name, stream.watermark ?? -Infinity);
  }
  known.status = status;
  clock.sync(status.now, status.speed);
  say(byId('speed'), status.speed === 1 ? '' : `× ${count(status.speed)}`);
  say(byId('version'), `tidecast ${status.version}`);
  offerStreams(status.streams);
  events.merge(status.events.filter(({ stream }) => stream === chosen.stream));
};

const offerStreams = (streams) => {
  const select = byId('stream');
  const names = streams.map(({ name }) => name);
  if (names.join('\n') !== select.dataset.names) {
    select.dataset.names = names.join('\n');
    select.replaceChildren(...names.map((name) => element('option', { value: name }, name)));
  }
  if (chosen.stream === null || !names.includes(chosen.stream)) chooseFirst(streams);
  select.value = chosen.stream ?? '';
};

const chooseFirst = (streams) => {
  const query = new URLSearchParams(location.search);
  const asked = streams.find(({ name }) => name === query.get('stream'));
  const first = asked ?? streams.find(({ isDefault }) => isDefault) ?? streams[0];
  if (first === undefined) {
    trust.nothing(
      'No stream is configured, so there is nothing to forecast.',
      'Name one in tidecast.yaml.',
    );
    return series.close();
  }
  return switchStream(first.name, asked === undefined ? null : query.get('series'));
};

const switchStream = (name, seriesId = null) => {
  Object.assign(chosen, { stream: name, series: null });
  Object.assign(known, { accuracy: [], models: [], listed: [] });
  events.clear();
  byId('models').replaceChildren(bones());
  void finder.switchTo(name);
  if (seriesId === null) live.follow(name, null);
  else openSeries(seriesId);
  rereadQuality();
};

const readStatus = async () => {
  const { value, failure } = await read('status', {});
  if (value) {
    showStatus(value);
    if (connection === 'disconnected') connect('live');
    renderTrust();
  } else if (failure.status === 0) connect('disconnected');
  else trust.nothing('No verdict: the status could not be read.', failure.message);
};

const readQuality = async () => {
  const stream = chosen.stream;
  const [accuracy, models] = await Promise.all([
    read('accuracy', { stream }),
    read('models', { stream }),
  ]);
  if (stream !== chosen.stream) return;
  if (accuracy.value) known.accuracy = accuracy.value.accuracy;
  if (models.value) {
    known.models = models.value.models;
    renderModels(byId('models'), known.models);
  } else if (known.models.length === 0) {
    byId('models').replaceChildren(failureNote('Models', models.failure.message, readQuality));
  }
  renderTrust();
};
const rereadQuality = throttled(readQuality, REREAD_EVERY_MS);
const rereadStatus = throttled(readStatus, REREAD_EVERY_MS);

const connect = (state) => {
  const was = connection;
  connection = state;
  if (state === 'disconnected' && was !== state) {
    clock.hold();
    trust.disconnected(clock.now());
  }
  renderConnection(state, clock.now());
  if (state === 'live' && was === 'disconnected') readAll();
};

const readAll = () => {
  rereadStatus();
  rereadQuality();
  void finder.load();
  void series.load();
};

const live = liveEvents({
  onState: connect,
  onEvent(type, data) {
    if (type === 'forecast' || type === 'score') return series.take(type, data);
    if (type !== 'accuracy' && data.stream === chosen.stream) {
      events.arrive(data);
      rereadStatus();
    }
    return rereadQuality();
  },
});

const tick = () => {
  const now = clock.now();
  if (now === null) return;
  say(byId('clock'), `${instant(now)} UTC`);
  series.tick(now);
};

themeToggle(byId('theme'), () => series.recolour());
byId('stream').addEventListener('change', (event) => switchStream(event.target.value));
byId('chart').tabIndex = 0;
byId('chart').setAttribute('role', 'img');
setInterval(tick, TICK_MS);
setInterval(readStatus, POLL_EVERY_MS);
setInterval(() => finder.load(), LIST_EVERY_MS);
await readStatus();
tick();
