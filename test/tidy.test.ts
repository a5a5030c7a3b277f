import { describe, expect, it } from 'vitest';
import { BANS, type Ban } from './bans.ts';
import { repositoryFiles, textOf } from './support/repository.ts';

const FILE_LINES_MAX = 300;
const LINE_COLUMNS_MAX = 100;
/** Below this the listing is broken, and everything would pass on nothing. */
const FILES_MIN = 60;

const SRC = /^src\/.*\.ts$/;
const TYPESCRIPT = /\.(ts|mts|cts)$/;
const DOCUMENT_END = '.md';
/** Made by a program or kept as evidence: their form is not ours to choose. */
const NOT_WRITTEN = /(^|\/)(generated|results)\/|^package-lock\.json$/;
const BINARY = /\.(png|jpe?g|gif|ico|woff2?|onnx|parquet|avro|bin|gz)$/;
/** The bans quote what they refuse. */
const BANS_FILE = 'test/bans.ts';

const HOMELESS = /(^|\/)(utils?|common|helpers?|types|services|managers?|misc)(\/|\.ts$)/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.ts$/;

const files = repositoryFiles();
const written = files.filter((file) => !NOT_WRITTEN.test(file) && !BINARY.test(file));
const linesOf = new Map(written.map((file) => [file, textOf(file).split('\n')] as const));

/** `file:line` of each line that the predicate refuses, in the files that `within` takes. */
const refused = (within: RegExp, refuses: (line: string, index: number) => boolean): string[] =>
  [...linesOf]
    .filter(([file]) => within.test(file))
    .flatMap(([file, lines]) =>
      lines.flatMap((line, index) => (refuses(line, index) ? [`${file}:${index + 1}`] : [])),
    );

const violationsOf = ({ pattern, within, except, use }: Ban): string[] =>
  refused(within, (line) => pattern.test(line))
    .filter((place) => !except.test(place) && !place.startsWith(BANS_FILE))
    .map((place) => `${place} use ${use}`);

/** Headings outside of code fences. */
const topHeadings = (lines: readonly string[]): number => {
  let fenced = false;
  let count = 0;
  for (const line of lines) {
    if (line.startsWith('```')) fenced = !fenced;
    else if (!fenced && line.startsWith('# ')) count += 1;
  }
  return count;
};

describe('the repository', () => {
  it('is listed at all, so that no rule below passes on nothing', () => {
    expect(written.length).toBeGreaterThanOrEqual(FILES_MIN);
    expect(written).toContain('src/core/clock.ts');
  });

  it.each(BANS.map((ban) => [ban.use, ban] as const))('uses %s', (_use, ban) => {
    expect(violationsOf(ban)).toEqual([]);
  });

  it(`keeps files within ${FILE_LINES_MAX} lines`, () => {
    const long = [...linesOf]
      .filter(([file, lines]) => TYPESCRIPT.test(file) && lines.length - 1 > FILE_LINES_MAX)
      .map(([file, lines]) => `${file}: ${lines.length - 1} lines`);
    expect(long).toEqual([]);
  });

  it(`keeps lines within ${LINE_COLUMNS_MAX} columns`, () => {
    // An address cannot be wrapped.
    const long = (line: string): boolean =>
      line.length > LINE_COLUMNS_MAX && !/https?:\/\/\S{40,}/.test(line);
    expect(refused(TYPESCRIPT, long)).toEqual([]);
  });

  it('gives each document one title', () => {
    const documents = [...linesOf].filter(([file]) => file.endsWith(DOCUMENT_END));
    const untitled = documents
      .filter(([, lines]) => topHeadings(lines) !== 1)
      .map(([file, lines]) => `${file}: ${topHeadings(lines)} titles`);
    expect(untitled).toEqual([]);
  });

  it('names source files in kebab case and gives each a room that says what it is about', () => {
    const misnamed = written.filter(
      (file) =>
        SRC.test(file) && (HOMELESS.test(file) || !KEBAB_CASE.test(file.replace(/^.*\//, ''))),
    );
    expect(misnamed).toEqual([]);
  });
});

describe('the bans', () => {
  it.each(BANS.map((ban) => [ban.planted, ban] as const))('refuse: %s', (planted, ban) => {
    expect(planted).toMatch(ban.pattern);
  });
});
