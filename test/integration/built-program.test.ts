import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { version } from '../../src/cli/version.ts';
import { builtMain } from '../support/built-main.ts';

it('the built program can be run by its name, as npx does', () => {
  expect(execFileSync(builtMain(), ['--version'], { encoding: 'utf8' }).trim()).toBe(version());
});
