import { readFileSync } from 'node:fs';
import { CliError } from './errors.ts';

/** What a file holds beside the line's end that editors leave; `key` is what names the file. */
export const secretIn = (file: string, key: string): string => {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError('USAGE', `${key} names ${file}, which cannot be read`, error);
  }
  const secret = content.replace(/\r?\n$/, '');
  if (secret === '') throw new CliError('USAGE', `${key} names ${file}, which is empty`);
  return secret;
};
