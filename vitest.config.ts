import { defineConfig } from 'vitest/config';

/** Where to leave the results as JSON, beside what a person reads. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A test that was narrowed to itself by mistake would let all others pass unseen.
    allowOnly: false,
    ...(report === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
