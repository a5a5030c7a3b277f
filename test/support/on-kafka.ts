import { describe } from 'vitest';
import { missingTools } from '../../scripts/kafka/tools.ts';

const toolsMissing = await missingTools();
/** In CI real parts must be there: a test that finds none fails, and does not stand aside. */
const isRequired = process.env['TEST_REQUIRE_REAL'] === '1';

/**
 * A suite for which Kafka is started; where that cannot be, it says aloud that it did not run, and
 * for want of what.
 */
export const describeOnKafka = (
  name: string,
  suite: () => void,
  alsoMissing: readonly string[] = [],
): void => {
  const missing = [...toolsMissing, ...alsoMissing];
  if (missing.length > 0 && !isRequired) {
    process.stderr.write(`SKIPPED: ${name} (Kafka), for want of ${missing.join(' and ')}\n`);
  }
  describe.runIf(missing.length === 0 || isRequired)(name, suite);
};
