import { memoryLog, MemoryLog } from '../../src/log/memory/memory-log.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Log } from '../../src/log/log.ts';
import { logContract } from './log-contract.ts';

const memory = (log: Log): MemoryLog => {
  if (log instanceof MemoryLog) return log;
  throw new TypeError('not a memory log');
};

logContract('the memory log', {
  open: async () => memoryLog({ clock: systemClock }),
  compact: async (log) => {
    memory(log).compact('c');
  },
  trim: async (log, topic, to) => {
    memory(log).trim(topic, 0, to);
  },
});
