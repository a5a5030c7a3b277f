import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Paths below the root of all files that are committed or about to be, in order. */
export const repositoryFiles = (): readonly string[] => {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  return [...new Set(listed)].filter((file) => file !== '' && existsSync(`${ROOT}${file}`)).sort();
};

export const textOf = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');
