import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { LogError } from '../../../src/log/errors.ts';
import type { FaultPoint } from '../../../src/log/memory/faults.ts';
import { memoryLog, type MemoryLog } from '../../../src/log/memory/memory-log.ts';
import { Alignment } from '../../../src/streams/alignment.ts';
import { sourceSet, watermarkRecord } from '../../../src/streams/watermarks.ts';
import { until } from '../../contracts/log-harness.ts';

const sources = sourceSet(1, [
  { topic: 'raw', partition: 0 },
  { topic: 'raw', partition: 1 },
]);

const say = (
  log: MemoryLog,
  partition: number,
  { watermark, idle = false }: { readonly watermark: number; readonly idle?: boolean },
): void => {
  const to = { topic: 'observations', partition: 0 };
  const said = { topic: 'raw', partition, watermark, idle, sources };
  log.append('observations', 0, [watermarkRecord(to, said)]);
};

const following = async (
  faults?: (point: FaultPoint) => void,
): Promise<{
  log: MemoryLog;
  alignment: Alignment;
  held: string[];
  stop: AbortController;
  done: Promise<void>;
}> => {
  const log = memoryLog({ clock: systemClock, ...(faults === undefined ? {} : { faults }) });
  await log.ensureTopics([{ name: 'observations', partitions: 1, cleanup: 'keep' }]);
  say(log, 0, { watermark: 1_000_000 });
  const held: string[] = [];
  const alignment = new Alignment({
    ...{ log, topic: 'observations', boundMs: 100 },
    onHold: ({ partition, watermark }) => held.push(`${partition} at ${watermark}`),
  });
  const stop = new AbortController();
  const done = alignment.follow(stop.signal);
  // The tail begins where the log ended.
  await until(() => !alignment.isAhead(2_000_000));
  return { log, alignment, held, stop, done };
};

describe('alignment', () => {
  it('holds back who is more than the bound ahead of the least that was heard', async () => {
    const { log, alignment, stop, done } = await following();
    say(log, 0, { watermark: 1_000 });
    say(log, 1, { watermark: 500 });
    await until(() => alignment.isAhead(601));
    expect(alignment.isAhead(600)).toBe(false);
    say(log, 1, { watermark: 950 });
    await until(() => !alignment.isAhead(1_000));
    stop.abort();
    await done;
  });

  it('goes on when the log can be read again', async () => {
    let failures = 0;
    const { log, alignment, stop, done } = await following(({ call }) => {
      if (call !== 'poll' || failures > 0) return;
      failures += 1;
      throw new LogError('LOG_UNREACHABLE', 'no broker answers', { retriable: true });
    });
    say(log, 0, { watermark: 1_000 });
    say(log, 1, { watermark: 500 });
    await until(() => alignment.isAhead(601));
    expect(failures).toBe(1);
    stop.abort();
    await done;
  });

  it('begins again at the end when retention overtook it, and holds nobody back', async () => {
    let failures = 0;
    let isTruncated = false;
    const { log, alignment, stop, done } = await following(({ call }) => {
      if (call !== 'poll' || !isTruncated) return;
      isTruncated = false;
      failures += 1;
      throw new LogError('LOG_OFFSET_OUT_OF_RANGE', 'it begins at 7');
    });
    say(log, 1, { watermark: 500 });
    await until(() => alignment.isAhead(601));
    isTruncated = true;
    // Never heard: it lies before the end at which the tail begins again.
    say(log, 1, { watermark: 900 });
    await until(() => failures === 1 && !alignment.isAhead(601));
    await until(() => {
      say(log, 0, { watermark: 1_000 });
      return alignment.isAhead(3_000);
    });
    stop.abort();
    await done;
  });

  it('waits for nobody who is idle', async () => {
    const { log, alignment, done } = await following();
    say(log, 0, { watermark: 1_000 });
    say(log, 1, { watermark: 500 });
    await until(() => alignment.isAhead(1_000));
    say(log, 1, { watermark: 500, idle: true });
    await until(() => !alignment.isAhead(1_000));
    alignment.close();
    await done;
  });

  it('knows that someone waits until a partition is heard of', async () => {
    const { log, alignment, held, stop, done } = await following();
    say(log, 0, { watermark: 500 });
    await until(() => alignment.isAhead(601));
    expect(alignment.holdsBack).toBe(true);
    expect(alignment.isAhead(600)).toBe(false);
    expect(alignment.holdsBack).toBe(true);
    say(log, 1, { watermark: 800 });
    await until(() => !alignment.holdsBack);
    expect(held).toEqual(['0 at 500']);
    stop.abort();
    await done;
  });

  it('holds nobody back while it has heard nothing', () => {
    const log = memoryLog({ clock: systemClock });
    const alignment = new Alignment({ log, topic: 'observations', boundMs: 100 });
    expect(alignment.isAhead(Infinity)).toBe(false);
  });
});
