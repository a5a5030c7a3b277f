import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/streams/task-context.ts';
import { HOPELESS_ATTEMPTS_MAX } from '../../../src/streams/task.ts';
import type { TaskPhase } from '../../../src/streams/task-status.ts';

const text = readFileSync('docs/task-lifecycle.md', 'utf8');

const section = (title: string): string =>
  text.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

/** First cells of a section's table, headings left out. */
const rowsOf = (title: string): string[][] =>
  section(title)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

// The compiler refuses a state that is left out, and one that is not there.
const STATES: Readonly<Record<TaskPhase, true>> = {
  RESTORING: true,
  RUNNING: true,
  BACKING_OFF: true,
  HALTED: true,
  CLOSED: true,
};

describe('docs/task-lifecycle.md', () => {
  it('says for every state what each event does', () => {
    const rows = rowsOf('States and events');
    expect(rows.map(([state]) => state)).toEqual(Object.keys(STATES).map((name) => `\`${name}\``));
    for (const cells of rows) {
      expect(cells).toHaveLength(6);
      for (const cell of cells) expect(cell).not.toBe('');
    }
  });

  it('names the limits as they are', () => {
    const { backoffMsMin, backoffMsMax } = DEFAULT_LIMITS;
    expect(text).toContain(`after ${backoffMsMin} ms, doubled`);
    expect(text).toContain(`up to ${backoffMsMax / 1_000} s`);
    expect(HOPELESS_ATTEMPTS_MAX).toBe(3);
    expect(text).toContain('the third time in a row `HALTED`');
  });

  it('names for each invariant tests that exist', () => {
    const invariants = section('Invariants')
      .trim()
      .split(/\n(?=\d+\. )/);
    expect(invariants).toHaveLength(10);
    for (const invariant of invariants) {
      const tests = [...invariant.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path]) => path);
      expect(tests, invariant).not.toEqual([]);
      for (const path of tests) expect(existsSync(path ?? ''), path).toBe(true);
    }
  });
});
