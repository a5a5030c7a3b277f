import { existsSync, readdirSync, statSync } from 'node:fs';
import { ROOT } from './repository.ts';

/** What `npm run build` makes, and `npm test` builds first. */
const MAIN = `${ROOT}dist/cli/main.js`;
const BUILD = 'run npm run build first';

/** A source that was changed after it was compiled. */
const staleSource = (): string | undefined =>
  readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .find((path) => {
      const compiled = `${ROOT}dist/${path.replace(/ts$/, 'js')}`;
      return (
        !existsSync(compiled) || statSync(compiled).mtimeMs < statSync(`${ROOT}src/${path}`).mtimeMs
      );
    });

let isChecked = false;

/** The compiled program; throws where it is not what the sources say: it would prove nothing. */
export const builtMain = (): string => {
  if (isChecked) return MAIN;
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: ${BUILD}`);
  const stale = staleSource();
  if (stale !== undefined) throw new Error(`dist is older than src/${stale}: ${BUILD}`);
  isChecked = true;
  return MAIN;
};
