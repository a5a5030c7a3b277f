import { totalmem } from 'node:os';
import { finding, type Check } from './check.ts';

const NODE_MAJOR_MIN = 20;
const MIB = 1 << 20;

/** The runtime: its version, and the data that local time depends on. */
export const checkNode: Check = async () => {
  const { node, tz = 'unknown', icu = 'unknown' } = process.versions;
  const major = Number(node.split('.')[0]);
  return major >= NODE_MAJOR_MIN
    ? finding('node', 'pass', `Node ${node}, time zones ${tz}, ICU ${icu}`)
    : finding('node', 'fail', `Node ${node} is too old: install ${NODE_MAJOR_MIN} or newer`);
};

/** State shares the memory with everything else. */
export const checkMemory: Check = async ({ config }) => {
  const budget = config.limits.stateBudgetBytes;
  const total = totalmem();
  const message = `state may take ${Math.round(budget / MIB)} of ${Math.round(total / MIB)} MB`;
  return budget <= total / 2
    ? finding('memory', 'pass', message)
    : finding('memory', 'warn', `${message}: lower limits.stateBudgetBytes`);
};
