import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../base/log.js';
import { missing } from '../../base/errors.js';
import { dumpDatabase } from './dump.js';

/** A backup in the data directory. */
export interface BackupInfo {
  /** File name, `trellis-20261122-031500.trellis`. */
  readonly name: string;
  readonly bytes: number;
  /** ISO, UTC. */
  readonly createdAt: string;
}

/** The backups of a workspace, in `backups/` below the data directory. */
export interface Backups {
  /** Newest first. */
  list(): Promise<BackupInfo[]>;
  /** Makes one; calls at the same time share it. `onProgress` is told 0 to 1 now and then, and waited for. */
  create(onProgress?: (share: number) => Promise<void>): Promise<BackupInfo>;
  /** How far the one is that this node makes now, 0 to 1; null: none. */
  progress(): number | null;
  /** Removes all but the newest `keep`. */
  prune(keep: number): Promise<void>;
  /** Path of a backup by its name. Throws backup.not_found. */
  path(name: string): Promise<string>;
}

/** Nest injection token of `Backups`. */
export const BACKUPS = Symbol('BACKUPS');

/** Folder of the blobs below the data directory. */
export function filesFolder(dataDir: string): string {
  return join(dataDir, 'files');
}

export function createBackups(deps: { url: string; dataDir: string; log: Log; now?: () => Date }): Backups {
  const folder = join(deps.dataDir, 'backups');
  const now = deps.now ?? (() => new Date());
  let running: Promise<BackupInfo> | null = null;
  let share: number | null = null;

  async function list(): Promise<BackupInfo[]> {
    const names = (await readdir(folder).catch(() => []))
      .filter((name) => shape.test(name))
      .sort()
      .reverse();
    return Promise.all(names.map((name) => describe(join(folder, name), name)));
  }

  async function create(onProgress?: (share: number) => Promise<void>): Promise<BackupInfo> {
    const began = Date.now();
    share = 0;
    const name = await freeName(folder, now());
    const target = join(folder, name);
    const manifest = await dumpDatabase({
      url: deps.url,
      filesDir: filesFolder(deps.dataDir),
      target,
      onProgress: async (now) => {
        share = now;
        await onProgress?.(now);
      },
    });
    const info = await describe(target, name);
    deps.log.info(
      { name, bytes: info.bytes, tables: manifest.tables, files: manifest.files, ms: Date.now() - began },
      'backup made',
    );
    return info;
  }

  return {
    list,
    create: (onProgress) =>
      (running ??= create(onProgress).finally(() => {
        running = null;
        share = null;
      })),
    progress: () => share,
    async prune(keep) {
      for (const { name } of (await list()).slice(Math.max(0, keep))) await rm(join(folder, name), { force: true });
    },
    async path(name) {
      const found = shape.test(name) && (await stat(join(folder, name)).catch(() => null)) !== null;
      if (!found) throw missing('backup.not_found', `There is no backup "${name.slice(0, 80)}".`);
      return join(folder, name);
    },
  };
}

const shape = /^trellis-\d{8}-\d{6}\.trellis$/;

/** Named after its second; two of one second must not take each other's place, so the later moves on. */
async function freeName(folder: string, at: Date): Promise<string> {
  const stamp = at.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const name = `trellis-${stamp}.trellis`;
  const isTaken = (await stat(join(folder, name)).catch(() => null)) !== null;
  return isTaken ? freeName(folder, new Date(at.getTime() + 1_000)) : name;
}

async function describe(path: string, name: string): Promise<BackupInfo> {
  const { size } = await stat(path);
  const [, y, mo, d, h, mi, s] = /(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(name) as RegExpExecArray;
  return { name, bytes: size, createdAt: `${y}-${mo}-${d}T${h}:${mi}:${s}.000Z` };
}
