/** Every call of the port at which a fault may strike. */
export type LogCall =
  | 'ensureTopics'
  | 'topics'
  | 'offsets'
  | 'producer'
  | 'begin'
  | 'send'
  | 'commitOffsets'
  | 'commit'
  | 'abort'
  | 'close'
  | 'poll'
  | 'more'
  | 'groupOffsets'
  | 'join'
  | 'sync';

export interface FaultPoint {
  readonly call: LogCall;
  /** `before` the call has any effect, or `after` all of it, so that only its answer is lost. */
  readonly moment: 'before' | 'after';
  /** The transactional id, the topic with its partition, or the group that the call is about. */
  readonly subject: string;
  /** Aborts the call's transaction and fences its producer, as a broker does after a time-out. */
  readonly timeOut: () => void;
}

/** Called at each point; what it throws is what the caller of the log sees. */
export type Faults = (point: FaultPoint) => void;

export const noFaults: Faults = () => undefined;
