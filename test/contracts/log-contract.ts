import { cleanupContract } from './log-contract-cleanup.ts';
import { groupContract } from './log-contract-groups.ts';
import { readContract } from './log-contract-reads.ts';
import { topicContract } from './log-contract-topics.ts';
import { transactionContract } from './log-contract-transactions.ts';
import type { LogHarness } from './log-harness.ts';

/** What every log must do; the engine is written against exactly this. */
export const logContract = (name: string, harness: LogHarness): void => {
  transactionContract(name, harness);
  readContract(name, harness);
  groupContract(name, harness);
  cleanupContract(name, harness);
  topicContract(name, harness);
};
