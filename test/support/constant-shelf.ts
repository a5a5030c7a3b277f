import type { OutgoingRecord } from '../../src/log/log.ts';
import type { ErrorProfile } from '../../src/models/error-profile.ts';
import { ModelError } from '../../src/models/errors.ts';
import type { ModelShelf } from '../../src/streams/topologies/forecasting/model-shelf.ts';
import { sentTo, SERDES } from './forecasting-driver.ts';

/**
 * Models that say their version's number at every step; `mismatched` cannot be loaded, and
 * `failing` cannot forecast. `errors`: what is known of a version's.
 */
export const constantShelf = (
  horizon: number,
  errors: Readonly<Record<string, ErrorProfile>> = {},
): ModelShelf => ({
  load: async ({ version }) => {
    if (version === 'mismatched') {
      throw new ModelError('MODEL_SCHEMA_MISMATCH', `${version} was trained on other features`);
    }
    return {
      strategy: 'direct',
      errors: errors[version],
      predict: async (_rows, count) => {
        if (version === 'failing') throw new Error('no session');
        return new Float64Array(count * horizon).fill(Number(version));
      },
    };
  },
});

/** The first mean of each forecast. */
export const constantsOf = (sent: readonly OutgoingRecord[]): (number | undefined)[] =>
  sentTo(sent, 'forecasts', SERDES.forecast).map(({ mean }) => mean[0]);
