import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hashSide, root, sides } from './sources.mjs';

const stampFile = join(root, 'dist', '.stamp');
const require = createRequire(import.meta.url);

/** Builds the sides whose sources differ from what they were built from; returns their names. */
export async function ensureBuilt({ only = ['server', 'admin'], force = false } = {}) {
  const stamp = readStamp();
  const stale = only.filter((side) => force || stamp[side] !== hashSide(sides[side]));
  if (stale.length === 0) return stale;
  const startedAt = Date.now();
  process.stdout.write(`Building ${stale.join(' and ')} … `);
  await Promise.all(stale.map((side) => builders[side]()));
  const built = Object.fromEntries(stale.map((side) => [side, hashSide(sides[side])]));
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ ...readStamp(), ...built }));
  process.stdout.write(`done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
  return stale;
}

const builders = {
  server() {
    // A file that is gone from the sources must not live on in dist; the other side's output stays.
    for (const folder of sides.server.folders) rmSync(join(root, 'dist', folder), { recursive: true, force: true });
    return run(binary('@nestjs/cli', 'nest'), ['build']).then(() => run(join(root, 'core/cli/bundle.mjs'), []));
  },
  admin: () =>
    run(binary('vite', 'vite'), ['build', 'admin-ui', '--logLevel', 'warn']).then(() =>
      run(join(root, 'core/http/precompress.mjs'), [join(root, 'dist/admin-ui')]),
    ),
};

/** Path of a package's command: run by node itself it needs no shell, on any system. */
export function binary(name, command) {
  const manifest = findManifest(name);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[command]);
}

/** A package need not export its package.json. */
function findManifest(name) {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json');
    try {
      readFileSync(file);
      return file;
    } catch {
      continue;
    }
  }
  throw new Error(`The package ${name} is not installed; run "npm ci" first.`);
}

function run(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`\n${Buffer.concat(output).toString('utf8')}\nThe build failed.`)),
    );
  });
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensureBuilt({ force: true }).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
