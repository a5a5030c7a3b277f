import type { Broker } from 'kafkajs/src/cluster/index.js';
import { describe, expect, it } from 'vitest';
import type { FetchAnswer } from '../../../../src/log/kafka/fetch-protocol.ts';
import { Tails, type TailReader } from '../../../../src/log/kafka/tails.ts';
import { FIRST_OFFSET, offset } from '../../../../src/log/offset.ts';
import { until } from '../../../contracts/log-harness.ts';

/** A broker that answers about one partition when it is told to. */
class ToldBroker {
  asked = 0;
  private answer: (answer: FetchAnswer) => void = () => undefined;
  private fail: (error: Error) => void = () => undefined;

  get broker(): Broker {
    const send = async (): Promise<unknown> => {
      this.asked += 1;
      const answer = await new Promise<FetchAnswer>((resolve, reject) => {
        this.answer = resolve;
        this.fail = reject;
      });
      return { errorCode: 0, partitions: [answer] };
    };
    // What a request that waits for records asks of a broker.
    return { connectionPool: { getConnection: async () => ({ send }) } } as unknown as Broker;
  }

  answersAbout(topic: string): void {
    const nothing = { stableEnd: 0, aborted: [], records: Buffer.alloc(0) };
    this.answer({ topic, partition: 0, errorCode: 0, ...nothing });
  }

  isLost(): void {
    this.fail(new Error('gone'));
  }
}

const readerOf = (topic: string): TailReader & { accepted: number } => ({
  ...{ topic, partition: 0, position: FIRST_OFFSET, accepted: 0 },
  accept() {
    this.accepted += 1;
    return true;
  },
});

const given = () => {
  const brokers = [new ToldBroker(), new ToldBroker()] as const;
  const topics = new Map([
    ['a', [0]],
    ['b', [1]],
    ['nobody', [-1]],
  ]);
  const broker = async (id: number): Promise<Broker> => (brokers[id] ?? brokers[0]).broker;
  const tails = new Tails({ topics, broker }, { now: () => 0, monotonic: () => 0 });
  const stop = new AbortController();
  const wait = async (reader: TailReader): Promise<string> => {
    await tails.wait(reader, stop.signal);
    return reader.topic;
  };
  return { brokers, topics, tails, wait, stop };
};

describe('readers that wait for more', () => {
  it('are held up by no other broker than their own', async () => {
    const { brokers, wait, stop } = given();
    const [silent, other] = brokers;
    const held = wait(readerOf('a'));
    const reader = readerOf('b');
    for (let turn = 1; turn <= 3; turn += 1) {
      const waiting = wait(reader);
      await until(() => other.asked === turn);
      other.answersAbout('b');
      expect(await waiting).toBe('b');
    }
    expect(reader.accepted).toBe(3);
    expect(silent.asked).toBe(1);
    stop.abort();
    expect(await held).toBe('a');
  });

  it('are taken along by the broker that leads their partition by now', async () => {
    const { brokers, topics, wait } = given();
    const [before, after] = brokers;
    const moved = readerOf('a');
    const waiting = [wait(moved), wait(readerOf('b'))] as const;
    await until(() => before.asked === 1 && after.asked === 1);
    topics.set('a', [1]);
    after.answersAbout('b');
    await until(() => after.asked === 2);
    after.answersAbout('a');
    expect(await Promise.all(waiting)).toEqual(['a', 'b']);
  });

  it('hear at once of what they are to find out by themselves', async () => {
    const { brokers, wait } = given();
    expect(await wait(readerOf('nobody'))).toBe('nobody');
    expect(await wait(readerOf('unknown'))).toBe('unknown');
    const waiting = wait(readerOf('a'));
    await until(() => brokers[0].asked === 1);
    brokers[0].isLost();
    expect(await waiting).toBe('a');
  });

  it('are no longer watched once they were answered', async () => {
    const { brokers, tails, wait } = given();
    const reader = readerOf('a');
    const waiting = wait(reader);
    await until(() => brokers[0].asked === 1);
    expect(tails.isWatching(reader)).toBe(true);
    expect(tails.isWatching({ ...reader, position: offset(1) })).toBe(false);
    brokers[0].answersAbout('a');
    await waiting;
    expect(tails.isWatching(reader)).toBe(false);
  });
});
