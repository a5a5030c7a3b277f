import { joinLoop, startLoop, type LoopShape } from './support/loop.ts';
import { stopwatch } from './support/measure.ts';
import { shelveModel } from './support/running-stream.ts';

// One of several workers of a loop, forked by the benchmark of workers: it has a share of the
// tasks, tells what the measured part cost it, and stops when it is told so.

/** How a process of its own was called: with the shape of its loop as JSON. */
const shapeOf = ([text = '']: readonly string[]): LoopShape =>
  // Only the benchmark of this very checkout forks this file, and it has a shape to write.
  JSON.parse(text) as LoopShape;

const toldTo = async (what: string): Promise<void> =>
  new Promise((resolve) => {
    const hear = (message: unknown): void => {
      if (message !== what) return;
      process.off('message', hear);
      resolve();
    };
    process.on('message', hear);
  });

// The benchmark is gone, killed perhaps: nobody would stop this process any more.
process.once('disconnect', () => process.exit());
const begun = toldTo('begin');
const ended = toldTo('end');
const loop = await joinLoop(shapeOf(process.argv.slice(2)));
await shelveModel(loop.bench);
const running = await startLoop(loop);
await begun;
const cost = stopwatch();
await ended;
process.send?.(cost());
await running.stop();
await loop.bench.close();
if (process.connected) process.disconnect();
