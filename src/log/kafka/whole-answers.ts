import added from 'kafkajs/src/protocol/requests/addPartitionsToTxn/v1/response.js';
import metadata from 'kafkajs/src/protocol/requests/metadata/v6/response.js';
import { errorOf } from './kafka-error.ts';

/** So says a coordinator of all partitions beside the one that it refuses. */
const OPERATION_NOT_ATTEMPTED = 55;

/**
 * Of an answer about many topics the library throws the first error that it comes upon.
 *
 * About all topics of a cluster that is the first partition that nobody leads, whoever it belongs
 * to: with one broker away, nobody would learn who leads the others. A partition without a leader
 * says so itself. About those that are added to a transaction it may be one that was not looked at
 * because of another.
 */
export const readAnswersWhole = (): void => {
  metadata.parse = async (answer) => answer;
  added.parse = async (answer) => {
    const codes = answer.errors
      .flatMap(({ partitionErrors }) => partitionErrors.map(({ errorCode }) => errorCode))
      .filter((code) => code !== 0);
    const code = codes.find((one) => one !== OPERATION_NOT_ATTEMPTED) ?? codes[0];
    if (code !== undefined) throw errorOf(code);
    return answer;
  };
};
