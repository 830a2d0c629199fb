// npm run codegen [-- --check]: writes everything in `generated/` folders from schemas and definitions. Runs from a fresh
// clone without a build. With --check it writes nothing and exits 1 where a file differs from what it would write.
// npm run codegen -- --database <url> --out <file>: writes the types of all records as the catalog of a running system has them,
// with what administrators added. Without <url> it is the database of the environment, the embedded one included; without <file>
// generated/records.ts.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateFromSystem, generateRecords } from './codegen/records.mjs';
import { generateSchemas } from './codegen/schemas.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const isCheck = process.argv.includes('--check');
const stale = [];

if (process.argv.includes('--database')) {
  const url = valueOf('--database');
  const env = { ...process.env, ...(url ? { DATABASE_URL: url } : {}) };
  await emit(await generateFromSystem(root, { env, out: resolve(valueOf('--out') ?? 'generated/records.ts') }));
} else {
  // Schemas first: the schema room, which the records need, imports them.
  await emit(await generateSchemas(root));
  await emit(await generateRecords(root));
}

if (stale.length > 0) {
  console.error(`Not up to date, run npm run codegen:\n${stale.map((path) => `  ${relative(root, path)}`).join('\n')}`);
  process.exit(1);
}

function valueOf(flag) {
  const value = process.argv[process.argv.indexOf(flag) + 1];
  return process.argv.includes(flag) && value !== undefined && !value.startsWith('--') ? value : undefined;
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
