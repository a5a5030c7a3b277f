import { setTimeout as pause } from 'node:timers/promises';
import type { Log, OutgoingRecord } from '../../src/log/log.ts';

const TICKS_A_SECOND = 10;

/** Appends records at a steady pace, a transaction each tick, until it is stopped. */
export class SteadyFeed {
  private readonly stopping = new AbortController();
  private readonly over: Promise<void>;

  constructor(log: Log, records: Iterator<OutgoingRecord, undefined>, perSecond: number) {
    this.over = this.feed(log, records, Math.ceil(perSecond / TICKS_A_SECOND));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.over;
  }

  private async feed(
    log: Log,
    source: Iterator<OutgoingRecord, undefined>,
    aTick: number,
  ): Promise<void> {
    const producer = await log.producer('feed');
    while (!this.stopping.signal.aborted) {
      const records: OutgoingRecord[] = [];
      while (records.length < aTick) {
        const { value } = source.next();
        if (value === undefined) throw new Error('there are no more observations');
        records.push(value);
      }
      const transaction = await producer.begin();
      await transaction.send(records);
      await transaction.commit();
      await pause(1_000 / TICKS_A_SECOND);
    }
    await producer.close();
  }
}
