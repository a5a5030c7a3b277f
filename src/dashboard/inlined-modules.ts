import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { assert } from '../core/assert.ts';

const NAMED_IMPORT = /^import \{([^}]+)\} from '(\.[^']+)';\n/gm;
/** uPlot comes as a script of its own, which makes it a name that everyone sees. */
const UPLOT_IMPORT = /^import uPlot from '[^']+';\n/gm;
const EXPORT = /^export const (\w+)/gm;
const LEFT_OVER = /^\s*(import|export)\b/m;

const nameOf = (file: string): string => `$${basename(file, '.js').replaceAll('-', '_')}`;

const found = (text: string, pattern: RegExp, group: number): string[] =>
  Array.from(text.matchAll(pattern), (match) => match[group] ?? '');

const asFunction = (file: string, text: string): string => {
  const body = text
    .replaceAll(UPLOT_IMPORT, '')
    .replaceAll(NAMED_IMPORT, (_, names: string, from: string) => {
      const renamed = names.replaceAll(' as ', ': ');
      return `const {${renamed}} = ${nameOf(from)};\n`;
    })
    .replaceAll(EXPORT, 'const $1');
  assert(!LEFT_OVER.test(body), `${basename(file)} imports or exports in a way not known here`);
  const exported = found(text, EXPORT, 1).join(', ');
  return `const ${nameOf(file)} = (() => {\n${body}\nreturn { ${exported} };\n})();`;
};

/**
 * A module of the page and all that it imports as one script, those that are imported first: a page
 * that is opened from a disk may load no modules.
 */
export const inlinedModules = async (entry: string): Promise<string> => {
  const parts = new Map<string, string>();
  const visit = async (file: string): Promise<void> => {
    if (parts.has(file)) return;
    const text = await readFile(file, 'utf8');
    for (const from of found(text, NAMED_IMPORT, 2)) await visit(join(dirname(file), from));
    parts.set(file, asFunction(file, text));
  };
  await visit(entry);
  const names = [...parts.keys()].map(nameOf);
  assert(new Set(names).size === names.length, 'two modules of the page have the same name');
  return `'use strict';\n${[...parts.values()].join('\n')}`;
};
