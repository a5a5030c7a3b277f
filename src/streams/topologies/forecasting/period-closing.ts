import type { Keyed } from '../../../state/keyed.ts';
import type { Outbox } from '../../batch.ts';
import type { TaskScope } from '../../topology.ts';
import { watermarkRecord } from '../../watermarks.ts';
import type { AggregateState } from '../../../features/aggregation.ts';
import type { Closer } from './closer.ts';
import { NO_PROGRESS, PROGRESS_KEY, type ClosingProgress } from './closing-progress.ts';
import type { Corrections } from './corrections.ts';
import type { ModelIntake } from './model-intake.ts';
import type { Trigger } from './origin-rows.ts';
import type { OpenPeriods } from './open-periods.ts';
import type { ForecastingOptions } from './options.ts';
import type { Series, SeriesTable } from './series-table.ts';
import type { SilenceWatch } from './silence.ts';

/**
 * Closings of one commit, of series and of periods: some megabytes of forecasts. The rest comes
 * in the next one, at once.
 */
const CLOSINGS_PER_COMMIT = 4_096;

/** Far more than event time goes on between two records of a busy source. */
const LONG_STRETCH = 1_000;

export interface PeriodClosingParts {
  readonly options: ForecastingOptions;
  readonly scope: TaskScope;
  readonly table: SeriesTable;
  readonly open: OpenPeriods<AggregateState>;
  readonly closer: Closer;
  readonly corrections: Corrections;
  readonly silence: SilenceWatch;
  readonly intake: ModelIntake;
  readonly progress: Keyed<ClosingProgress>;
  /** Names this partition as the only member of what it tells the readers of scores. */
  readonly sources: string;
}

/** A period that is over, and the record that said so. */
interface Ended {
  readonly period: number;
  readonly trigger: Trigger;
}

/**
 * `in part`: the commit was full before the period was done. `in vain`: nothing was written of any
 * series, so that nothing will be before another event.
 */
type PeriodClosed = 'wholly' | 'in part' | 'in vain';

/**
 * Closes, in the order (period, series), all periods that ended before the least watermark. How far
 * it came is state, so that a batch may stop anywhere and the next one goes on from there.
 */
export class PeriodClosing {
  private readonly parts: PeriodClosingParts;
  private left = 0;
  /** As in the progress, which has them when a commit leaves closings to the next one. */
  private readonly owed: number[];
  /** The least watermark that was last asked about, and its period. */
  private known = { least: -Infinity, firstOpen: -Infinity };

  constructor(parts: PeriodClosingParts) {
    this.parts = parts;
    this.owed = [...(this.progress.owed ?? [])];
  }

  /** The first period that has not ended at the least watermark; −Infinity before there is one. */
  get firstOpen(): number {
    const { scope, options } = this.parts;
    const { least } = scope.watermarks;
    if (least !== this.known.least) {
      const isKnown = Number.isFinite(least);
      const firstOpen = isKnown ? options.shape.periods.periodOf(least) : -Infinity;
      this.known = { least, firstOpen };
    }
    return this.known.firstOpen;
  }

  /** Periods that are over wait to be closed; those of a keyed source never do. */
  get isPending(): boolean {
    if (this.parts.options.isKeyed) return false;
    const { next } = this.progress;
    const { firstOpen } = this;
    return firstOpen !== -Infinity && (next === null || next < firstOpen);
  }

  /** The observation after the one that moved event time last. */
  get nextOffset(): number {
    return this.progress.triggerOffset + 1;
  }

  /** Notes the record that moved event time on. */
  triggeredBy({ offset, appendedAtMs }: Trigger): void {
    this.put({ triggerOffset: offset, triggeredAtMs: appendedAtMs });
    const { firstOpen } = this;
    if (firstOpen > (this.owed.at(-1) ?? -Infinity)) this.owed.push(firstOpen);
  }

  /**
   * Begins, once event time is known at all: at the record that says so, wherever batches are cut.
   * Readers of scores are told at once, since a partition may stay without a series for ever.
   */
  begin(outbox: Outbox): void {
    const { firstOpen } = this;
    if (firstOpen === -Infinity || this.progress.next !== null) return;
    const next = this.firstPeriod(firstOpen);
    this.put({ next, doneId: '' });
    this.tell(outbox, next);
  }

  /** Closes what is over, as far as one commit goes. */
  async advance(outbox: Outbox): Promise<void> {
    const { corrections } = this.parts;
    const { firstOpen } = this;
    if (firstOpen === -Infinity) return;
    this.left = this.parts.options.closingsPerCommit ?? CLOSINGS_PER_COMMIT;
    let next = this.progress.next ?? firstOpen;
    corrections.release(outbox, next);
    while (next < firstOpen && this.left > 0) {
      const closed = await this.closePeriod(outbox, next);
      if (closed === 'in part') break;
      // A period costs something even when all of its series are dead.
      this.left -= 1;
      next = closed === 'in vain' ? this.nextStop(next) : next + 1;
      this.put({ next, doneId: '' });
      this.tell(outbox, next);
      corrections.release(outbox, next);
    }
    this.keepOwed(next);
  }

  /**
   * Where a long stretch in which no series lives ends: at the next event, or at the next period
   * that event time came to, which is told of as it was when it came there. Which ones that are
   * hangs on how raw partitions are interleaved, so that in a short one each period is told of.
   */
  private nextStop(period: number): number {
    this.settle(period);
    const { longStretch = LONG_STRETCH } = this.parts.options;
    const owed = this.owed[0] ?? this.firstOpen;
    if (owed - period <= longStretch) return period + 1;
    const end = Math.min(owed, this.parts.open.earliest());
    return end - period > longStretch ? end : period + 1;
  }

  /** Drops what is not owed any more when all periods up to this one are closed. */
  private settle(period: number): void {
    const paid = this.owed.findIndex((end) => end > period);
    this.owed.splice(0, paid < 0 ? this.owed.length : paid);
  }

  private keepOwed(next: number): void {
    this.settle(next);
    const { owed } = this;
    const kept = this.progress.owed ?? [];
    if (owed.length > 0 || kept.length > 0) this.put({ owed: [...owed] });
  }

  private get progress(): ClosingProgress {
    return this.parts.progress.find(PROGRESS_KEY) ?? NO_PROGRESS;
  }

  private put(change: Partial<ClosingProgress>): void {
    this.parts.progress.put(PROGRESS_KEY, { ...this.progress, ...change });
  }

  private get trigger(): Trigger {
    const { triggerOffset, triggeredAtMs } = this.progress;
    return { offset: triggerOffset, appendedAtMs: triggeredAtMs };
  }

  /** Where closing begins: with the first event of all, or with the present when there is none. */
  private firstPeriod(firstOpen: number): number {
    return Math.min(this.parts.table.earliestStart(), firstOpen);
  }

  private async closePeriod(outbox: Outbox, period: number): Promise<PeriodClosed> {
    const { table, open, closer, intake } = this.parts;
    const { trigger } = this;
    const series = table.inOrder();
    const resting: Series[] = [];
    // What an earlier commit was full of was no closing in vain.
    let closed: PeriodClosed = this.progress.doneId === '' ? 'in vain' : 'wholly';
    for (let index = this.resumeAt(series); index < series.length; index += 1) {
      const one = series[index];
      if (one === undefined || table.startOf(one) > period) continue;
      if (this.left <= 0) {
        this.stopAt(period, series[index - 1]);
        closed = 'in part';
        break;
      }
      if (closer.mustFlush(one)) await closer.flush(intake.adoptions);
      if (this.closeSeries(outbox, one, { period, trigger })) {
        this.left -= 1;
        closed = 'wholly';
      } else if (!open.isAwaited(one, period)) resting.push(one);
    }
    await closer.flush(intake.adoptions);
    this.leaveOut(resting);
    return closed;
  }

  private stopAt(period: number, done: Series | undefined): void {
    this.put({ next: period, doneId: done?.id ?? '' });
  }

  private leaveOut(resting: readonly Series[]): void {
    const { table, open } = this.parts;
    table.rest(resting);
    for (const series of resting) open.forget(series);
  }

  /** Index of the first series after the one that was closed last. */
  private resumeAt(series: readonly Series[]): number {
    const { doneId } = this.progress;
    if (doneId === '') return 0;
    let low = 0;
    let high = series.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((series[middle]?.id ?? '') <= doneId) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** false: the series was dead before, and nothing is written of it. */
  private closeSeries(outbox: Outbox, series: Series, at: Ended): boolean {
    const { period, trigger } = at;
    const { table, open, closer, silence, options } = this.parts;
    const value = open.close(series, period);
    const before = table.stateOf(series);
    const state = silence.judge(series, { period, spoke: value !== undefined });
    if (value !== undefined && period > table.lastOf(series)) table.heard(series, period);
    if (state !== before) {
      silence.change(outbox, series, { state, offset: trigger.offset });
    }
    if (state === 'dead') return before !== 'dead';
    const { empty } = options.shape.aggregation;
    closer.close({ series, period, value: value ?? empty, trigger });
    return true;
  }

  /** Tells the readers of this partition's scores how far they are complete. */
  tell(outbox: Outbox, next: number): void {
    const { options, scope, sources } = this.parts;
    const { partition } = scope;
    const { observations, topics, shape } = options;
    outbox.records.add(
      watermarkRecord(
        { topic: topics.scores.name, partition },
        {
          topic: observations.name,
          partition,
          watermark: shape.periods.startOf(next),
          idle: false,
          sources,
        },
      ),
    );
  }
}
