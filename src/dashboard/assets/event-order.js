/** What a task can have heard of when it adopted something. */
const CAUSES = {
  shadow: ['ModelTrained'],
  champion: ['ModelPromoted', 'ModelRolledBack'],
  vacated: ['ModelPromoted', 'ModelRejected', 'ModelRolledBack', 'ModelArchived'],
};
/** Of one instant, what follows from what: the later has the higher rank. */
const RANKS = { ModelTrained: -2, ModelPromoted: -1, ModelRejected: -1, ModelRolledBack: -1 };

const isAdoption = ({ type, record }) => type === 'decision' && record.type === 'ModelAdopted';

/**
 * An adoption says from which period it holds, which began before a model of that hour was trained.
 * By the clock it was no earlier than the decision that it follows.
 */
const clockTime = (event, events) => {
  if (!isAdoption(event)) return event.at;
  const { model, role } = event.record;
  const causes = CAUSES[model === null ? 'vacated' : role] ?? [];
  const times = events
    .filter(({ type, record }) => type === 'model' && causes.includes(record.type))
    .filter(({ record }) => model === null || record.version === model.version)
    .map(({ at }) => at)
    .filter((at) => at >= event.at);
  return times.length === 0 ? event.at : Math.min(...times);
};

const rankOf = ({ type, record }) => (type === 'model' ? (RANKS[record.type] ?? 0) : 0);

/** Events with their time by the clock, latest first: none before what it follows from. */
export const byClock = (events) =>
  events
    .map((event) => ({ ...event, at: clockTime(event, events) }))
    .sort((one, other) => other.at - one.at || rankOf(other) - rankOf(one));
