import { DEFAULT_LIMITS } from '../../streams/task-context.ts';
import { count, optionalSection } from './keys.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Everything that could grow has its bound here, with the reason for the default. */
export const limits = optionalSection(
  {
    commitIntervalMs: count({
      default: DEFAULT_LIMITS.commitIntervalMs,
      description:
        'While records keep coming, a task gathers them for so long from one commit to the next: ' +
        'what a reader waits for a result, against the cost of a transaction. After a pause the ' +
        'first record waits for no other.',
    }),
    batchRecordsMax: count({
      default: DEFAULT_LIMITS.batchRecordsMax,
      description: 'Records of one commit; beyond it a transaction costs no less per record.',
    }),
    batchBytesMax: count({
      default: DEFAULT_LIMITS.batchBytesMax,
      description: 'Bytes of one poll: far below what one transaction may hold on any log.',
    }),
    stateFlushMs: count({
      default: DEFAULT_LIMITS.flushIntervalMs,
      description:
        'How often stores follow the log on disk, more seldom where there is more than 30,000 ' +
        'changed pages of 4 kB to write: a restart replays up to two rounds of changelog.',
    }),
    stateBudgetBytes: count({
      default: 1024 * MIB,
      description:
        'Memory meant for the state of series in one process, all of which stays in memory: ' +
        '`run` warns when it passes this, `doctor` when the machine is too small for it.',
    }),
    idlePollMs: count({
      default: DEFAULT_LIMITS.idlePollMs,
      description: 'How late a decision that needs the wall clock may be on a quiet partition.',
    }),
    restoreRecordsMax: count({
      default: DEFAULT_LIMITS.restoreRecordsMax,
      description: 'Changelog records in memory at once while state is rebuilt.',
    }),
    backoffMsMin: count({
      default: DEFAULT_LIMITS.backoffMsMin,
      description: 'The first pause after a failure: without one a task would claim in a loop.',
    }),
    backoffMsMax: count({
      default: DEFAULT_LIMITS.backoffMsMax,
      description: 'The longest pause after repeated failures: how late recovery may be noticed.',
    }),
    alignmentPeriods: count({
      default: 168,
      description:
        'How far in event time a raw partition may run ahead of the slowest, in periods: each of ' +
        'them is open in every series meanwhile.',
    }),
    seriesIdBytesMax: count({
      maximum: 65_535,
      default: 512,
      description: 'Longest series id: it is the key of every record and state block.',
    }),
    attributeBytesMax: count({
      default: 1 * KIB,
      description: 'Longest attribute of an event: attributes travel with every observation.',
    }),
    recordBytesMax: count({
      maximum: 8 * MIB,
      default: 1 * MIB,
      description:
        'Largest key and value together that `produce` appends, leaving larger ones out: what ' +
        'brokers accept by default. Raise `max.message.bytes` of the topic with it on Kafka; no ' +
        'log takes more than 8 MiB.',
    }),
    httpBodyBytesMax: count({
      default: 1 * MIB,
      description: 'Largest body of a request.',
    }),
    httpStreamsMax: count({
      default: 256,
      description: 'Callers of `/events` at once; each holds a queue.',
    }),
  },
  'Bounds of what could grow without them.',
);
