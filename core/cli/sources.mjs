import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What each side is built from; tests and papers are not part of it. */
export const sides = {
  server: {
    folders: ['core', 'plugins', 'schemas'],
    files: ['.swcrc', 'nest-cli.json', 'tsconfig.json', 'package-lock.json'],
  },
  admin: {
    folders: ['admin-ui', 'schemas', 'core/expression', 'core/base', 'core/schema'],
    files: ['package-lock.json'],
  },
};

const skipped = /(^|\/)(node_modules|generated-docs|\.[^/]+)$|\.test\.ts$|\.md$/;

/** All files below a folder, relative to the repository, sorted. */
export function listFiles(folder) {
  const found = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (skipped.test(path)) continue;
    if (entry.isDirectory()) found.push(...listFiles(path));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

/** A hash over names and contents of all that a side is built from. */
export function hashSide({ folders, files }) {
  const hash = createHash('sha1');
  for (const path of [...files, ...folders.flatMap(listFiles)]) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
