import { mkdirSync, writeFileSync } from 'node:fs';
import { generatedFiles } from './codecs/generated-files.ts';

/** Writes src/schemas/generated from src/schemas/avro; a test holds the two against each other. */
for (const { path, text } of await generatedFiles()) {
  mkdirSync(new URL('.', path), { recursive: true });
  writeFileSync(path, text);
  console.log(path.pathname);
}
