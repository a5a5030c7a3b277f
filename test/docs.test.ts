import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../src/cli/refusals.ts';
import { repositoryFiles, ROOT, textOf } from './support/repository.ts';

const DECISION_LINES_MAX = 80;
const DECISION_SECTIONS = ['Status', 'Context', 'Decision', 'Rationale', 'Consequence'];

const files = repositoryFiles();
const documents = files.filter((file) => file.endsWith('.md'));
const decisions = documents.filter((file) => /^docs\/decisions\/\d{4}-/.test(file));
const sources = files.filter((file) => /^src\/.*\.ts$/.test(file) && !file.includes('generated/'));

const matches = (content: string, pattern: RegExp): string[] =>
  [...content.matchAll(pattern)].flatMap(([, found]) => (found === undefined ? [] : [found]));

/** The first cells of a document's tables, where they are one word of code. */
const tableCodes = (content: string): string[] => matches(content, /^\| `([^`]+)` \|/gm);

/** Every code that a source file can throw, answer with, or write into a dead letter. */
const codesOf = (content: string): string[] => [
  ...matches(content, /\bnew \w*Error\(\s*'([A-Z][A-Z0-9_]+)'/g),
  ...matches(content, /\b(?:code|reason): '([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g),
  ...[
    ...matches(content, /\btype \w*(?:Code|Reason) =([^;]+);/g),
    ...matches(content, /\bconst \w*_REASONS = \[([^\]]+)\]/g),
  ].flatMap((words) => matches(words, /'([A-Z][A-Z0-9_]+)'/g)),
];

const sorted = (codes: Iterable<string>): string[] => [...new Set(codes)].sort();

describe('docs/errors.md', () => {
  const documented = tableCodes(textOf('docs/errors.md'));

  it('lists exactly the codes that the sources use', () => {
    const used = sorted(sources.flatMap((file) => codesOf(textOf(file))));
    expect(used.length).toBeGreaterThan(20);
    expect(sorted(documented)).toEqual(used);
  });

  it('lists no reason of dead letters that is not counted', () => {
    const [, reasons = ''] = textOf('docs/errors.md').split('## Reasons of dead letters');
    expect(tableCodes(reasons).length).toBeGreaterThan(15);
    expect(REFUSALS).toEqual(expect.arrayContaining(tableCodes(reasons)));
  });

  it('lists each code once', () => {
    expect(documented).toHaveLength(new Set(documented).size);
  });
});

describe('ARCHITECTURE.md', () => {
  it('has each room of src in the headings of its code map, and no other', () => {
    const headings = matches(textOf('ARCHITECTURE.md'), /^### (.+)$/gm);
    const mapped = headings.flatMap((heading) => matches(heading, /`([a-z]+)`/g));
    const rooms = sources.map((file) => file.split('/')[1] ?? '');
    expect(sorted(mapped)).toEqual(sorted(rooms));
    expect(mapped.length).toBeGreaterThan(15);
  });
});

describe('docs/decisions', () => {
  it('are numbered without a gap', () => {
    const numbers = decisions.map((file) => Number(/(\d{4})-/.exec(file)?.[1]));
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it.each(decisions)('%s says status, context, decision, rationale, consequence', (file) => {
    const content = textOf(file);
    expect(matches(content, /^## (.+)$/gm)).toEqual(DECISION_SECTIONS);
    expect(content.split('\n').length - 1).toBeLessThanOrEqual(DECISION_LINES_MAX);
  });

  it('give a reason for each runtime dependency, and for nothing else', () => {
    // Our own package.json.
    const { dependencies } = JSON.parse(textOf('package.json')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const reasons = tableCodes(textOf('docs/decisions/0008-runtime-dependencies.md'));
    expect(sorted(reasons)).toEqual(sorted(Object.keys(dependencies)));
  });
});

describe('docs/glossary.md', () => {
  it('says what each term means, once', () => {
    const rows = matches(textOf('docs/glossary.md'), /^\| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm);
    const terms = rows.filter((term) => term !== 'term').flatMap((term) => term.split(', '));
    expect(terms.length).toBeGreaterThan(100);
    expect(terms).toHaveLength(new Set(terms).size);
  });
});

describe('documents', () => {
  it.each(documents)('%s links to files that exist', (file) => {
    const targets = matches(textOf(file), /\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g);
    const missing = targets.filter((target) => !existsSync(join(ROOT, dirname(file), target)));
    expect(missing).toEqual([]);
  });

  it('say in the README how to start and how to test, each as one line that is complete', () => {
    const lines = textOf('README.md').split('\n');
    expect(lines).toContain('npm ci && npm start');
    expect(lines).toContain('npm ci && npm test');
  });
});
