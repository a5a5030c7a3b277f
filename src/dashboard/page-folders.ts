import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folders that the page at `/` is served from, the first one that has a file wins: its own
 * files, beside this one in `src` as in `dist`, and uPlot where it is installed. So there is
 * nothing to build or to copy, and the version is that of `package.json`.
 */
export const pageFolders = (): readonly string[] => {
  const require = createRequire(import.meta.url);
  return [
    fileURLToPath(new URL('assets', import.meta.url)),
    dirname(require.resolve('uplot/dist/uPlot.esm.js')),
  ];
};
