import { systemClock } from '../../src/core/clock.ts';
import { EmbeddedLog, openEmbeddedLog } from '../../src/log/embedded/embedded-log.ts';
import type { Log } from '../../src/log/log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { logContract } from './log-contract.ts';

const embedded = (log: Log): EmbeddedLog => {
  if (log instanceof EmbeddedLog) return log;
  throw new TypeError('not an embedded log');
};

logContract('the embedded log', {
  open: async () => openEmbeddedLog({ folder: await temporaryFolder(), clock: systemClock }),
});

logContract('the embedded log, read from its files in tiny segments', {
  open: async () =>
    openEmbeddedLog({
      folder: await temporaryFolder(),
      clock: systemClock,
      tailBytesMax: 0,
      segmentBytesMax: 1,
      compactedSegmentBytesMax: 1,
    }),
  compact: async (log) => {
    await embedded(log).compact();
  },
  trim: async (log, topic, to) => {
    await embedded(log).trim(topic, 0, to);
  },
});
