import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { inlinedModules } from '../../../src/dashboard/inlined-modules.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const inlined = async (modules: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'deep'));
  for (const [name, text] of Object.entries(modules)) await writeFile(join(folder, name), text);
  return inlinedModules(join(folder, 'main.js'));
};

describe('modules in one script', () => {
  it('run once each, those that are imported first, and keep their own names apart', async () => {
    const script = await inlined({
      'main.js':
        "import { one } from './one.js';\n" +
        "import {\n  two as second,\n} from './deep/to-two.js';\n" +
        "const own = 'main';\ntold.push(own, one(), second);\n",
      'one.js':
        "import { two } from './deep/to-two.js';\nconst own = 'one';\n" +
        'export const one = () => `${own} ${two}`;\n',
      'deep/to-two.js': "const own = 'two';\ntold.push('once');\nexport const two = own;\n",
    });
    const told: string[] = [];
    runInNewContext(script, { told });
    expect(told).toEqual(['once', 'main', 'one two', 'two']);
  });

  it.each([
    ["import * as all from './one.js';\n", 'imports or exports in a way not known here'],
    ['export default 1;\n', 'imports or exports in a way not known here'],
    ["import { one } from './one.js';\nimport { x } from './deep/one.js';\n", 'the same name'],
  ])('are refused where they would mean something else: %j', async (main, message) => {
    const one = 'export const one = 1;\n';
    const modules = { 'main.js': main, 'one.js': one, 'deep/one.js': one };
    await expect(inlined(modules)).rejects.toThrow(message);
  });
});
