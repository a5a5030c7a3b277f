import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where to leave the results as JSON, beside what a person reads. */
const report = process.env['TEST_REPORT'];

/** Folders whose files take minutes, the longest first. */
const LONG = ['test/exactly-once/', 'test/chaos/', 'test/integration/'];

/** Starts the long files first: begun last, one of them would run on when all others are done. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((folder) => moduleId.includes(folder));
      return found === -1 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A test that was narrowed to itself by mistake would let all others pass unseen.
    allowOnly: false,
    ...(report === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
