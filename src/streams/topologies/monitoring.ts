import { concatMap } from 'rxjs';
import { DAY_MS } from '../../core/duration.ts';
import type { Frequency } from '../../core/frequency.ts';
import { windowPeriods, type DriftWindows } from '../../drift/drift-windows.ts';
import type { ModelRef } from '../../schemas/forecast.ts';
import type { PartialRecord } from '../../schemas/partial.ts';
import type { ColumnarScore } from '../../schemas/columnar-score.ts';
import type { Serde } from '../../schemas/serde.ts';
import type { TopicDefinition } from '../../schemas/topic.ts';
import type { Keyed } from '../../state/keyed.ts';
import { store } from '../../state/task-state.ts';
import { withContent, type Batch, type Outbox, type PolledSources } from '../batch.ts';
import { visitItems } from '../operators/decode.ts';
import { publisher, type Publisher } from '../operators/publish.ts';
import type { TaskScope, Topology } from '../topology.ts';
import { watermarkRecord, type Watermark } from '../watermarks.ts';
import {
  addScore,
  DayKeys,
  dayOf,
  daySumsStore,
  partialOf,
  touchDay,
  type DaySums,
} from './monitoring/day-sums.ts';
import { ErrorRings, errorRingsStore } from './monitoring/error-rings.ts';
import {
  firstOpenDay,
  PROGRESS_KEY,
  progressStore,
  servedModelsStore,
  type Progress,
} from './monitoring/progress.ts';
import { seriesTests } from './monitoring/series-tests.ts';

/** Days after its end in which a correction still changes the sums of a day. */
const KEPT_DAYS = 35;

export interface MonitoringOptions {
  readonly stream: string;
  readonly scores: TopicDefinition;
  readonly partials: TopicDefinition;
  /** A score may be decoded over the one before. */
  readonly serdes: { readonly score: Serde<ColumnarScore>; readonly partial: Serde<PartialRecord> };
  readonly periods: Frequency;
  readonly horizon: number;
  readonly drift: DriftWindows;
  /** The source set of `partials`: all partitions of `scores`. */
  readonly sources: string;
}

/** One scores partition being added up. */
class MonitoringTask {
  private readonly options: MonitoringOptions;
  private readonly scope: TaskScope;
  private readonly days: Keyed<DaySums>;
  private readonly progress: Keyed<Progress>;
  private readonly rings: ErrorRings;
  private readonly partials: Publisher<PartialRecord>;
  private readonly serials = new Map<string, number>();
  private readonly dayKeys: DayKeys;
  private latest: { readonly model: ModelRef; readonly serial: number } | undefined;

  constructor(options: MonitoringOptions, scope: TaskScope) {
    const { partials, serdes } = options;
    this.options = options;
    this.scope = scope;
    this.dayKeys = new DayKeys(options.horizon);
    this.days = scope.state.keyed(daySumsStore);
    this.progress = scope.state.keyed(progressStore);
    this.rings = new ErrorRings(scope.state.slab(errorRingsStore(windowPeriods(options.drift))));
    this.partials = publisher({
      topic: partials.name,
      partitions: partials.partitions,
      serde: serdes.partial,
    });
    const served = scope.state.keyed(servedModelsStore);
    for (const serial of served.keys()) {
      const model = served.find(serial);
      if (model !== undefined) this.serials.set(identityOf(model), Number(serial));
    }
  }

  async process(batch: Batch<PolledSources>): Promise<Batch<undefined>> {
    const { scores, serdes } = this.options;
    const { deadLetters } = this.scope;
    const options = { topic: scores.name, serde: serdes.score, deadLetters };
    await visitItems(batch, options, (item) => {
      if (item.type === 'value') this.add(item.value);
      else this.advance(batch.outbox, item.watermark);
    });
    return withContent(batch, undefined);
  }

  private get nextDay(): number | null {
    return this.progress.find(PROGRESS_KEY)?.nextDay ?? null;
  }

  private add(score: ColumnarScore): void {
    const { horizon, drift } = this.options;
    const nextDay = this.nextDay ?? -Infinity;
    // Sums of an older day are gone: what can no longer be taken out is not put in either.
    const day = dayOf(score.target);
    if (day < nextDay - KEPT_DAYS * DAY_MS) return;
    const key = this.dayKeys.of(score, day);
    const sums = touchDay(this.days, score, { key, day, horizon, nextDay });
    if (sums === undefined) return;
    sums.isChanged = true;
    addScore(sums.sums, score);
    if (score.model.role !== 'champion') return;
    const { count, steps, means } = score.steps;
    const row = steps.indexOf(drift.step);
    // Below the count, which no column is shorter than.
    if (row >= 0 && row < count) this.keepError(score, (means[row] as number) - score.actual);
  }

  private keepError(score: ColumnarScore, error: number): void {
    const { rings } = this;
    const period = this.options.periods.periodOf(score.target);
    const serial = this.serialOf(score.model);
    const found = rings.find(score.seriesId);
    // A correction of what an earlier champion said must not bring that one back.
    if (score.revision > 0 && (found === undefined || rings.serialOf(found) !== serial)) return;
    rings.write(rings.open(score.seriesId, serial, period), period, error);
  }

  private serialOf(model: ModelRef): number {
    const { latest } = this;
    if (latest?.model === model) return latest.serial;
    const serial = this.knownSerialOf(model);
    this.latest = { model, serial };
    return serial;
  }

  private knownSerialOf(model: ModelRef): number {
    const identity = identityOf(model);
    const found = this.serials.get(identity);
    if (found !== undefined) return found;
    const serial = this.serials.size + 1;
    this.serials.set(identity, serial);
    this.scope.state.keyed(servedModelsStore).put(String(serial), { ...model });
    return serial;
  }

  private advance(outbox: Outbox, said: Watermark): void {
    const { scope, options } = this;
    scope.watermarks.observe(said);
    const { least } = scope.watermarks;
    const before = this.progress.find(PROGRESS_KEY);
    const nextDay = Number.isFinite(least) ? firstOpenDay(least, options.periods) : null;
    if (nextDay !== null) this.tellDays(outbox, nextDay);
    if (before?.nextDay === nextDay && before.idle === said.idle) return;
    this.progress.put(PROGRESS_KEY, { nextDay, idle: said.idle });
    this.forward(outbox, { watermark: nextDay ?? -Infinity, idle: said.idle });
  }

  /** Tells of the days that are over: new ones, and those that a correction has changed. */
  private tellDays(outbox: Outbox, nextDay: number): void {
    const { partition } = this.scope;
    const told = this.nextDay ?? -Infinity;
    const over = [...this.days.keys()]
      .flatMap((key) => {
        const day = this.days.find(key)?.day ?? Infinity;
        return day < nextDay ? [{ key, day }] : [];
      })
      .sort((one, other) => one.day - other.day || (one.key < other.key ? -1 : 1));
    let last: number | undefined;
    for (const { key, day } of over) {
      if (last !== undefined && last !== day) this.testSeries(outbox, last, told);
      last = day;
      if (this.days.find(key)?.isChanged !== true) this.drop(key, day, nextDay);
      else this.tell(outbox, this.days.touch(key), partition);
    }
    if (last !== undefined) this.testSeries(outbox, last, told);
  }

  private tell(outbox: Outbox, day: DaySums, partition: number): void {
    this.partials.keyed(outbox, { key: day.model.name, value: partialOf(day, partition) });
    day.revision += 1;
    day.isChanged = false;
  }

  private drop(key: string, day: number, nextDay: number): void {
    if (day < nextDay - KEPT_DAYS * DAY_MS) this.days.delete(key);
  }

  /** A day is tested once, when it ends: what is corrected later changes the next tests. */
  private testSeries(outbox: Outbox, day: number, told: number): void {
    if (day < told) return;
    const { periods, drift } = this.options;
    const served = this.scope.state.keyed(servedModelsStore);
    const tests = seriesTests(day + DAY_MS, {
      rings: this.rings,
      periods,
      windows: drift,
      partition: this.scope.partition,
      modelOf: (serial) => served.find(String(serial)),
    });
    for (const statistic of tests) {
      this.partials.keyed(outbox, { key: statistic.model, value: statistic });
    }
  }

  /** Every partition of partials hears it, since any of them may hold this partition's models. */
  private forward(outbox: Outbox, reached: { watermark: number; idle: boolean }): void {
    const { partials, scores, sources } = this.options;
    const said: Watermark = {
      topic: scores.name,
      partition: this.scope.partition,
      ...reached,
      sources,
    };
    for (let partition = 0; partition < partials.partitions; partition += 1) {
      outbox.records.add(watermarkRecord({ topic: partials.name, partition }, said));
    }
  }
}

const identityOf = ({ name, version, sha256 }: ModelRef): string => `${sha256}|${version}|${name}`;

/** scores → exact sums of each model and day, and a drift test of each series and day. */
export const monitoring = (options: MonitoringOptions): Topology => ({
  name: 'monitoring',
  stream: options.stream,
  summary: "adds up each model's errors by day, and tests each series for drift",
  sources: [{ topic: options.scores.name, kind: 'partitioned' }],
  stores: [
    store(daySumsStore),
    errorRingsStore(windowPeriods(options.drift)),
    store(progressStore),
    store(servedModelsStore),
  ],
  sinks: [options.partials],
  partitions: options.scores.partitions,
  start: (scope) => {
    const task = new MonitoringTask(options, scope);
    return { process: concatMap((batch) => task.process(batch)) };
  },
});
