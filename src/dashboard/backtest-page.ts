import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { assert } from '../core/assert.ts';
import { inlinedModules } from './inlined-modules.ts';

const STYLES = ['tokens', 'layout', 'parts', 'series'];

const own = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const read = (file: string): Promise<string> => readFile(file, 'utf8');

const hashOf = (script: string): string =>
  `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/** No text of a series can end the script that it stands in, or begin a comment there. */
const asJson = (data: unknown): string => JSON.stringify(data).replaceAll('<', '\\u003c');

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const scriptOf = (text: string): string => {
  assert(!/<\/script/i.test(text), 'a script of the page ends itself');
  return `<script>${text}</script>`;
};

export interface BacktestPage {
  readonly title: string;
  /** What `backtest-page/main.js` shows; all text in it is text, whatever markup it holds. */
  readonly data: unknown;
}

/**
 * A page of one file that asks nobody for anything: scripts, styles and numbers are in it. Its
 * policy lets run what was put into it here and nothing else, and forbids any connection.
 */
export const backtestPage = async ({ title, data }: BacktestPage): Promise<string> => {
  const require = createRequire(import.meta.url);
  const uplot = await read(require.resolve('uplot/dist/uPlot.iife.min.js'));
  const styles = await Promise.all(
    [
      require.resolve('uplot/dist/uPlot.min.css'),
      ...STYLES.map((name) => own(`assets/${name}.css`)),
      own('backtest-page/page.css'),
    ].map(read),
  );
  const early = await read(own('assets/early-theme.js'));
  const main = `${uplot}\n${await inlinedModules(own('backtest-page/main.js'))}`;
  const policy =
    `default-src 'none'; script-src ${hashOf(early)} ${hashOf(main)}; ` +
    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
  const parts: Readonly<Record<string, string>> = {
    policy: escaped(policy),
    title: escaped(title),
    icon: encodeURIComponent(await read(own('assets/icon.svg'))),
    styles: `<style>${styles.join('\n')}</style>`,
    early: scriptOf(early),
    data: `<script id="data" type="application/json">${asJson(data)}</script>`,
    main: scriptOf(main),
  };
  const page = await read(own('backtest-page/page.html'));
  return page.replaceAll(/<!-- \w+ -->|%\w+%/g, (place) => {
    const part = parts[place.replaceAll(/\W/g, '')];
    assert(part !== undefined, `nothing is put at ${place}`);
    return part;
  });
};
