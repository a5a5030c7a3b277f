import type { Output } from './io.ts';
import { printTable } from './print.ts';

interface GateNumbers {
  readonly checks?: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly value: number | null;
    readonly limit: number;
  }[];
  readonly models?: readonly {
    readonly name: string;
    readonly wape: number | null;
    readonly bias: number | null;
  }[];
}

const short = (value: number | null): string =>
  value === null ? 'unknown' : String(Number(value.toPrecision(4)));

/** Every number that the gate decided by; nothing where it has not judged. */
export const printGate = async (to: Output, gate: string): Promise<void> => {
  // The training task writes an object, with these members where it has judged.
  const { checks = [], models = [] } = JSON.parse(gate) as GateNumbers;
  if (models.length > 0) {
    const rows = models.map(({ name, wape, bias }) => [name, short(wape), short(bias)]);
    await printTable(to, ['MODEL', 'WAPE', 'BIAS'], rows);
  }
  if (checks.length > 0) {
    const rows = checks.map(({ name, value, limit, passed }) => [
      ...[name, short(value), short(limit)],
      passed ? 'passed' : 'failed',
    ]);
    await printTable(to, ['GATE', 'VALUE', 'LIMIT', ''], rows);
  }
};
