// npm run codegen [-- --check]: writes everything in `generated/` folders from schemas and definitions. Runs from a fresh
// clone without a build. With --check it writes nothing and exits 1 where a file differs from what it would write.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateRecords } from './codegen/records.mjs';
import { generateSchemas } from './codegen/schemas.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const isCheck = process.argv.includes('--check');
const stale = [];

// Schemas first: the schema room, which the records need, imports them.
await emit(await generateSchemas(root));
await emit(await generateRecords(root));

if (stale.length > 0) {
  console.error(`Not up to date, run npm run codegen:\n${stale.map((path) => `  ${relative(root, path)}`).join('\n')}`);
  process.exit(1);
}

async function emit(files) {
  for (const { path, text } of files) {
    const present = await readFile(path, 'utf8').catch(() => null);
    if (present === text) continue;
    if (isCheck) stale.push(path);
    else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      console.log(`wrote ${relative(root, path)}`);
    }
  }
}
