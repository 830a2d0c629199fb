import { transform } from '@swc/core';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const folders = ['core/base', 'core/expression', 'core/schema', 'schemas/generated'];

/** Compiles the pure rooms up to core/schema beside node_modules and imports them: codegen must not need a build. */
export async function loadSchemaRoom(root) {
  const out = join(root, 'node_modules', '.cache', `trellis-codegen-${process.pid}`);
  try {
    await writeFile(join(await made(out), 'package.json'), '{"type":"module"}');
    for (const folder of folders)
      for (const file of await typescriptFiles(join(root, folder))) await compileFile(root, out, file);
    return await import(pathToFileURL(join(out, 'core/schema/index.js')).href);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function compileFile(root, out, file) {
  const { code } = await transform(await readFile(file, 'utf8'), {
    configFile: false,
    swcrc: false,
    filename: file,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  const target = join(out, relative(root, file).replace(/\.ts$/, '.js'));
  await made(dirname(target));
  await writeFile(target, code);
}

async function typescriptFiles(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(test|d)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function made(folder) {
  await mkdir(folder, { recursive: true });
  return folder;
}
