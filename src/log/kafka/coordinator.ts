import type { Broker } from 'kafkajs/src/cluster/index.js';
import { kafkaTypeOf } from './kafka-error.ts';
import { patiently } from './patience.ts';

/** Another broker has taken over, or is about to. */
const MOVED: ReadonlySet<string> = new Set([
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
]);

/** The broker that decides for a group or a transactional id: found anew when it moves. */
export class Coordinator {
  private readonly find: () => Promise<Broker>;
  private broker: Broker | undefined;

  constructor(find: () => Promise<Broker>) {
    this.find = find;
  }

  /** Asks it what may be asked again, as long as it refuses for a while only, at most so long. */
  async ask<T>(withinMs: number, question: (broker: Broker) => Promise<T>): Promise<T> {
    return patiently(withinMs, async () => {
      const broker = (this.broker ??= await this.find());
      try {
        return await question(broker);
      } catch (error) {
        if (MOVED.has(kafkaTypeOf(error))) this.broker = undefined;
        throw error;
      }
    });
  }
}
