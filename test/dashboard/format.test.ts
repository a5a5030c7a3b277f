import { describe, expect, it } from 'vitest';
import { pageModule } from './page-module.ts';

interface FormatModule {
  readonly shortInstant: (ms: number) => string;
  readonly zonedInstant: (ms: number | null) => string;
}

interface SkillModule {
  readonly apart: (skill: number, words: readonly [string, string, string]) => string;
}

const { shortInstant, zonedInstant } = await pageModule<FormatModule>('format');
const { apart } = await pageModule<SkillModule>('skill-words');

describe('an instant with its zone', () => {
  it('has no space to break at, so that UTC never stands alone', () => {
    const at = Date.UTC(2001, 5, 10, 14);
    expect(zonedInstant(at)).not.toMatch(/[ \n]/);
    expect(zonedInstant(at).replaceAll('\u00a0', ' ')).toBe(`${shortInstant(at)} UTC`);
    expect(zonedInstant(null)).toBe('–');
  });
});

describe('a skill in words', () => {
  it.each([
    [0.003, '0.3\u202f% below'],
    [0.2085, '20.8\u202f% below'],
    [-0.083, '8.3\u202f% above'],
    [-0.0004, 'same'],
    [0.0004, 'same'],
    [0, 'same'],
  ])('%d says %s', (skill, text) => {
    expect(apart(skill, ['above', 'below', 'same'])).toBe(text);
  });
});
