// Copies what the compiler leaves behind (pages, styles, schemas) from src to the same place in dist.
import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { extname } from 'node:path';
import { statSync } from 'node:fs';

const folder = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

await cp(folder('src'), folder('dist'), {
  recursive: true,
  filter: (source) => statSync(source).isDirectory() || extname(source) !== '.ts',
});
