import { Command } from 'commander';
import { positiveNumber, wholeNumber, withExamples, withSet } from './command-options.ts';
import type { DemoOptions } from './demo/config.ts';
import { runDemo, type StartDemo } from './demo/run-demo.ts';
import type { Io } from './io.ts';

/** `tidecast demo`. */
export const demoCommand = (io: Io, start: StartDemo): Command =>
  withExamples(
    withSet(
      new Command('demo').description(
        'run everything on real US flights of 2001, an hour a second',
      ),
    )
      .option('--fresh', 'begin again: remove what earlier demos have written')
      .option('-p, --port <n>', 'port of the dashboard and the API (default: 8000)', wholeNumber(0))
      .option(
        '--speed <n>',
        'seconds of its own clock in one real second (default: 3600)',
        positiveNumber,
      )
      .option('--data <folder>', 'where the data go (default: ./data/demo)')
      .action((options: DemoOptions) => runDemo(io, options, start)),
    'tidecast demo',
    'tidecast demo --fresh --speed 600',
    'tidecast train --wait -c data/demo/tidecast.yaml   # beside it',
  );
