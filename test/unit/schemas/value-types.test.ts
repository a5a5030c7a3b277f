import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/schemas/arena.ts';
import type { ValueType } from '../../../src/schemas/serde.ts';
import {
  accuracyType,
  alertType,
  claimType,
  commitRecordType,
  deadLetterType,
  decisionType,
  driftSignalType,
  featureVectorType,
  forecastType,
  lateObservationType,
  modelEventType,
  observationType,
  partialType,
  retrainingRequestType,
  scoreType,
  stateBlockType,
} from '../../../src/schemas/value-types.ts';
import { arbitrary } from './arbitrary-records.ts';

const RUNS = 200;

const subject = <T>(type: ValueType<T>, values: fc.Arbitrary<T>) => ({
  name: type.name,
  /** Compares what was written with what is read back; how many values that were. */
  compared: (): number => {
    let count = 0;
    const arena = new Arena();
    fc.assert(
      fc.property(values, (value) => {
        arena.begin();
        type.encode(value, arena);
        const bytes = arena.take();
        const from = { bytes, position: 0 };
        expect(type.decode(from)).toEqual(value);
        expect(from.position).toBe(bytes.length);
        count += 1;
      }),
      { seed: 1, numRuns: RUNS },
    );
    return count;
  },
});

const subjects = [
  subject(observationType, arbitrary.observation),
  subject(featureVectorType, arbitrary.featureVector),
  subject(forecastType, arbitrary.forecast),
  subject(scoreType, arbitrary.score),
  subject(lateObservationType, arbitrary.lateObservation),
  subject(decisionType, arbitrary.decision),
  subject(partialType, arbitrary.partial),
  subject(accuracyType, arbitrary.accuracy),
  subject(driftSignalType, arbitrary.driftSignal),
  subject(alertType, arbitrary.alert),
  subject(retrainingRequestType, arbitrary.retrainingRequest),
  subject(modelEventType, arbitrary.modelEvent),
  subject(deadLetterType, arbitrary.deadLetter),
  subject(claimType, arbitrary.claim),
  subject(commitRecordType, arbitrary.commitRecord),
  subject(stateBlockType, arbitrary.stateBlock),
];

describe('every value type', () => {
  it.each(subjects.map((one) => [one.name, one] as const))(
    'reads back the %s that it wrote',
    (_name, { compared }) => {
      expect(compared()).toBe(RUNS);
    },
  );
});
