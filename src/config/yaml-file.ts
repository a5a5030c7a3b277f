import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { ConfigError } from './errors.ts';
import { isPlainMap, type PlainMap } from './plain-map.ts';

/** A configuration file as data, with the line of each key for messages. */
export interface YamlFile {
  readonly data: PlainMap;
  /** `tidecast.yaml:12`, or undefined when the file does not have that key. */
  placeOf(path: readonly string[]): string | undefined;
}

const linesOf =
  (document: Document, lines: LineCounter, file: string) =>
  (path: readonly string[]): string | undefined => {
    let node: unknown = document.contents;
    let start: number | undefined;
    for (const key of path) {
      if (!isMap(node)) break;
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) break;
      start = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
      node = pair.value;
    }
    return start === undefined ? undefined : `${file}:${lines.linePos(start).line}`;
  };

const contentOf = (document: Document, file: string): unknown => {
  try {
    return document.toJS();
  } catch {
    // What it says would repeat the text, which may be a password.
    throw new ConfigError(
      `${file} is not YAML: a text that begins with an asterisk is the name of another value; ` +
        'put it in quotes',
    );
  }
};

/** Reads YAML that must be a mapping or empty. */
export const parseYamlFile = (content: string, file: string): YamlFile => {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    // What follows a colon quotes the text, which may be a password; so does the error itself.
    const [what = ''] = error.message.split(': ');
    throw new ConfigError(`${file}:${line}:${col} is not YAML: ${what}`);
  }
  const data = contentOf(document, file) ?? {};
  if (!isPlainMap(data)) {
    throw new ConfigError(`${file} holds no keys: see docs/configuration.md for what it may hold`);
  }
  return { data, placeOf: linesOf(document, lines, file) };
};

/** Reads a file from disk. */
export const readYamlFile = (file: string): YamlFile => {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      `${file} cannot be read: name an existing file with --config, or leave the option out`,
      cause,
    );
  }
  return parseYamlFile(content, file);
};
