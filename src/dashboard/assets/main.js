import { read } from './api.js';
import { advanceWatch } from './advance.js';
import { appClock } from './app-clock.js';
import { renderConnection } from './connection.js';
import { byId, bones, failureNote, say } from './dom.js';
import { eventsPanel } from './events-panel.js';
import { isCatchingUp } from './findings.js';
import { count, instant } from './format.js';
import { liveEvents } from './live.js';
import { renderModels } from './models-panel.js';
import { seriesFinder } from './series-finder.js';
import { seriesView } from './series-view.js';
import { readSnapshot } from './snapshot.js';
import { streamSwitch } from './stream-switch.js';
import { tellingSeries } from './telling-series.js';
import { themeToggle } from './theme.js';
import { throttled } from './throttle.js';
import { servingAccuracy, trustView } from './trust-view.js';

const TICK_MS = 1_000;
const POLL_EVERY_MS = 5_000;
/** Events of the engine come in bursts; what they change is read at most this often. */
const REREAD_EVERY_MS = 2_000;

const clock = appClock();
/** `isNamed`: by the address or by whoever looks; what the page chose itself it may choose again. */
const chosen = { stream: null, series: null, isNamed: false, isSettled: false };
const NOTHING = { accuracy: [], models: [], listed: [] };
const known = { status: null, ...NOTHING };
const advance = advanceWatch();
let connection = 'connecting';
let refresh = () => undefined;

const show = (id) => {
  chosen.series = id;
  finder.choose(id);
  void series.open(chosen.stream, id);
  live.follow(chosen.stream, id);
};

const openSeries = (id) => {
  chosen.isNamed = true;
  show(id);
  const query = new URLSearchParams({ stream: chosen.stream, series: id });
  history.replaceState(null, '', `?${query}`);
};

const events = eventsPanel(byId('events'));
const series = seriesView();
const finder = seriesFinder({
  onOpen: (id) => {
    openSeries(id);
    byId('series-heading').focus({ preventScroll: true });
  },
});
const trust = trustView({ onOpen: openSeries, onMore: () => finder.showWorst() });

const streamNow = () => known.status?.streams.find(({ name }) => name === chosen.stream) ?? null;

/** What the verdict is made of; null before the stream is known. */
const evidence = () => {
  const stream = streamNow();
  if (stream === null) return null;
  const tasks = known.status.tasks.filter((task) => task.stream === stream.name);
  const accuracy = servingAccuracy(known.accuracy, stream);
  const { models, listed } = known;
  const [now, speed] = [clock.now(), known.status.speed];
  const said = { events: events.all(), isAdvancing: advance.isAdvancing(stream) };
  return { stream, tasks, accuracy, models, listed, now, speed, ...said };
};

const renderTrust = () => {
  if (connection === 'disconnected') return trust.disconnected(clock.now());
  const of = evidence();
  return of === null ? undefined : trust.render(of);
};

/**
 * Whether the page has to choose a series: nobody named one. While the history is being read little
 * is known of their sizes, so that it chooses once more when it is through.
 */
const mustChoose = (isThrough) =>
  !chosen.isNamed && !chosen.isSettled && (isThrough || chosen.series === null);

const openTelling = async () => {
  const { stream } = chosen;
  const of = evidence();
  const isThrough = of !== null && !isCatchingUp(of);
  if (known.listed.length === 0 || !mustChoose(isThrough)) return;
  const id = await tellingSeries(stream, known.listed);
  if (stream !== chosen.stream || !mustChoose(isThrough)) return;
  chosen.isSettled = isThrough;
  if (id !== chosen.series) show(id);
};

const showStatus = (status) => {
  for (const stream of status.streams) advance.note(stream);
  known.status = status;
  clock.sync(status.now, status.speed);
  say(byId('speed'), status.speed === 1 ? '' : `× ${count(status.speed)}`);
  say(byId('version'), `tidecast ${status.version}`);
  streams.offer(status.streams);
  events.merge(status.events.filter(({ stream }) => stream === chosen.stream));
};

const switchStream = (name, seriesId) => {
  Object.assign(chosen, { stream: name, series: null, isNamed: false, isSettled: false });
  Object.assign(known, NOTHING);
  events.clear();
  byId('models').replaceChildren(bones());
  finder.clear();
  if (seriesId === null) live.follow(name, null);
  else openSeries(seriesId);
  refresh = throttled(() => readAll(name), REREAD_EVERY_MS);
  refresh();
};

const streams = streamSwitch({
  onChoose: switchStream,
  onNone() {
    const detail = 'Name one in tidecast.yaml.';
    trust.nothing('No stream is configured, so there is nothing to forecast.', detail);
    series.close();
  },
});

const UNAUTHORIZED = 401;

/** Asking again changes nothing: the page has no token, and an event stream could send none. */
const refused = () => {
  live.close();
  connect('refused');
  trust.nothing(
    'The API wants a token, and this page has none.',
    'Open it through a proxy that signs you in and sends one, as “The HTTP API” in ' +
      'docs/security.md says.',
  );
};

const notRead = ({ status, message }) => {
  if (status === UNAUTHORIZED) return refused();
  return status === 0
    ? connect('disconnected')
    : trust.nothing('No verdict: the status could not be read.', message);
};

const showModels = ({ value, failure }) => {
  if (value) {
    known.models = value.models;
    renderModels(byId('models'), known.models);
  } else if (known.models.length === 0) {
    byId('models').replaceChildren(failureNote('Models', failure.message, refresh));
  }
};

/** Reads all that the page says, and shows it when the last of it is there. */
const readAll = async (stream) => {
  const [snapshot, showSeries] = await Promise.all([readSnapshot(stream), series.read()]);
  if (stream !== chosen.stream) return;
  const { status, list, accuracy, models } = snapshot;
  if (!status.value) return notRead(status.failure);
  if (connection === 'disconnected') connect('live');
  if (accuracy.value) known.accuracy = accuracy.value.accuracy;
  if (list.value) known.listed = list.value.series;
  showStatus(status.value);
  finder.take(list, refresh);
  showModels(models);
  showSeries();
  renderTrust();
  if (list.value?.total === 0 && chosen.series === null) series.close();
  void openTelling();
};

/** The first answer says which streams there are. */
const readFirst = async () => {
  const { value, failure } = await read('status', {});
  if (value) showStatus(value);
  else notRead(failure);
};

const poll = () => {
  if (connection === 'refused' || document.hidden) return undefined;
  return chosen.stream === null ? readFirst() : refresh();
};

const connect = (state) => {
  const was = connection;
  connection = state;
  if (state === 'disconnected' && was !== state) {
    clock.hold();
    trust.disconnected(clock.now());
  }
  renderConnection(state, clock.now());
  if (state === 'live' && was === 'disconnected') poll();
};

const live = liveEvents({
  onState: connect,
  onEvent(type, data) {
    if (type === 'forecast' || type === 'score') return series.take(type, data);
    if (type !== 'accuracy' && data.stream === chosen.stream) events.arrive(data);
    return refresh();
  },
});

const tick = () => {
  const now = clock.now();
  if (now === null) return;
  say(byId('clock'), `${instant(now)} UTC`);
  series.tick(now);
};

/** A hidden tab asks for nothing, and gives up one of the six connections of its browser. */
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return live.close();
  if (connection !== 'refused' && chosen.stream !== null) live.follow(chosen.stream, chosen.series);
  return poll();
});
themeToggle(byId('theme'), () => series.recolour());
byId('chart').tabIndex = 0;
byId('chart').setAttribute('role', 'img');
setInterval(tick, TICK_MS);
setInterval(poll, POLL_EVERY_MS);
await readFirst();
tick();
