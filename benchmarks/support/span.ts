import { dataFolders } from '../../src/cli/data-folders.ts';
import type { TaskRole } from '../../src/cli/run/stream-topologies.ts';
import type { Commit } from '../../src/streams/commit.ts';
import type { Worker } from '../../src/streams/worker.ts';
import type { BenchStream } from './bench-stream.ts';
import { folderBytes, stopwatch, type Cost } from './measure.ts';

/** Told when a span begins and ends. */
export interface SpanHooks {
  readonly onBegin?: () => void;
  readonly onEnd?: () => void;
}

export interface SpanOptions extends SpanHooks {
  readonly bench: BenchStream;
  /** The topology whose records are counted. */
  readonly entry: TaskRole;
}

/** What a span cost, and what was left behind at its end. */
export interface SpanCost extends Cost {
  /** Records of the entry in the span. */
  readonly records: number;
  readonly bytesWritten: number;
  readonly stateBytes: number;
  readonly rssBytes: number;
}

interface Began {
  readonly cost: () => Cost;
  readonly bytes: number;
  readonly records: number;
}

/** The measured part of a run: from its beginning to the last commit before all is drained. */
export class Span {
  private readonly options: SpanOptions;
  private readonly logFolder: string;
  private records = 0;
  private tasks: Worker['tasks'] = [];
  private began: Began | undefined;
  private last: Cost = { cpuMicros: 0, ms: 0 };
  private readonly waiting: { readonly isOver: () => boolean; readonly resolve: () => void }[] = [];

  constructor(options: SpanOptions) {
    this.options = options;
    this.logFolder = dataFolders(options.bench.config).log;
  }

  /** To be called at each commit. */
  note({ topology, records, outputs }: Commit, tasks: Worker['tasks']): void {
    this.tasks = tasks;
    if (topology === this.options.entry) this.records += records;
    if (this.began !== undefined && (records > 0 || outputs > 0)) this.last = this.began.cost();
    for (const { isOver, resolve } of this.waiting) if (isOver()) resolve();
  }

  /** Resolves once the entry has read so many records since the start. */
  async read(records: number): Promise<void> {
    await this.until(() => this.records >= records);
  }

  /** Resolves once the entry has read so many records, and no task has anything left to do. */
  async drained(records: number): Promise<void> {
    await this.until(
      () => this.records >= records && this.tasks.every(({ isDrained }) => isDrained),
    );
  }

  begin(): void {
    const bytes = folderBytes(this.logFolder);
    this.options.onBegin?.();
    this.began = { cost: stopwatch(), bytes, records: this.records };
  }

  end(): SpanCost {
    this.options.onEnd?.();
    const { began, tasks, last, records } = this;
    return {
      ...last,
      records: records - (began?.records ?? 0),
      bytesWritten: folderBytes(this.logFolder) - (began?.bytes ?? 0),
      stateBytes: tasks.reduce((sum, { stateBytes }) => sum + stateBytes, 0),
      rssBytes: process.memoryUsage.rss(),
    };
  }

  private async until(isOver: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting.push({ isOver, resolve });
    });
  }
}
