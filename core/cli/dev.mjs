// `npm run dev`: the server restarts when its sources change; the admin comes from Vite, with hot reload.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';
import { binary, ensureBuilt } from './build.mjs';
import { root, sides } from './sources.mjs';

let server = null;
let isStopping = false;
let isRestarting = false;
const changed = new Set();
let timer = null;

await ensureBuilt({ only: ['server'] });
const vite = spawn(process.execPath, [binary('vite', 'vite'), 'admin-ui'], { cwd: root, stdio: 'inherit' });
vite.on('exit', stop);
startServer();
for (const folder of sides.server.folders)
  watch(join(root, folder), { recursive: true }, (_, name) => note(`${folder}/${name}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

/** Editors write several times; a short pause makes one build of it. */
function note(path) {
  if (!/\.(ts|json|hbs)$/.test(path) || path.endsWith('.test.ts')) return;
  changed.add(path.replaceAll('\\', '/'));
  clearTimeout(timer);
  timer = setTimeout(update, 120);
}

async function update() {
  const paths = [...changed];
  changed.clear();
  try {
    await Promise.all(paths.map(build));
    process.stdout.write(
      `${paths.length === 1 ? paths[0] : `${paths.length} files`} changed: the server starts again\n`,
    );
    restart();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
  }
}

async function build(path) {
  const source = join(root, path);
  const target = join(root, 'dist', path.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  try {
    if (!path.endsWith('.ts')) return copyFileSync(source, target);
    const { code, map } = await transformFile(source, {
      swcrc: true,
      configFile: join(root, '.swcrc'),
      sourceMaps: true,
    });
    writeFileSync(target, `${code}\n//# sourceMappingURL=${target.split(/[\\/]/).pop()}.map`);
    if (map) writeFileSync(`${target}.map`, map);
  } catch (error) {
    if (error.code !== 'ENOENT' && !/No such file/.test(error.message)) throw error;
    rmSync(target, { force: true });
  }
}

function startServer() {
  isRestarting = false;
  server = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist/core/main.js')], {
    cwd: root,
    stdio: 'inherit',
  });
  server.on('exit', (code) => {
    server = null;
    if (isStopping || isRestarting) return;
    if (code !== 0) process.stderr.write('The server stopped; it starts again with the next change.\n');
  });
}

/** A change while the old server still stops needs no second start. */
function restart() {
  if (isRestarting) return;
  if (server === null) return startServer();
  isRestarting = true;
  server.once('exit', startServer);
  server.kill('SIGTERM');
}

function stop() {
  if (isStopping) return;
  isStopping = true;
  vite.kill('SIGTERM');
  if (server === null) process.exit(0);
  server.removeAllListeners('exit');
  server.once('exit', () => process.exit(0));
  server.kill('SIGTERM');
}
