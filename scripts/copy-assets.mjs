// Copies what the compiler leaves behind (pages, styles, schemas) from src to the same place in dist, or in the folder
// that is named; beside that belongs the package.json whose version the program says.
import { chmodSync, copyFileSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [target = 'dist'] = process.argv.slice(2);

await cp(join(root, 'src'), join(root, target), {
  recursive: true,
  filter: (source) => statSync(source).isDirectory() || extname(source) !== '.ts',
});
const manifest = join(root, target, '..', 'package.json');
if (manifest !== join(root, 'package.json')) copyFileSync(join(root, 'package.json'), manifest);
// npx makes a program executable when it first sees its package, and not again after a new build.
chmodSync(join(root, target, 'cli', 'main.js'), 0o755);
