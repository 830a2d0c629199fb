import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { conflict } from '../../base/errors.js';
import { isAlive, processBirth } from '../../base/process-identity.js';

/**
 * Takes the lock file for this process; returns how to give it back. A lock whose process is gone is taken over.
 * Throws storage.data_dir_in_use where another living process holds it.
 */
export function lockDataDir(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, born: processBirth(process.pid) });
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error;
      const holder = livingHolder(file);
      if (holder !== null) {
        throw conflict(
          'storage.data_dir_in_use',
          `Another Trellis (process ${holder}) already runs on ${dirname(file)}.`,
          {
            hint: 'Stop it, or set TRELLIS_DATA_DIR to another folder.',
          },
        );
      }
      remove(file);
    }
  }
  return () => {
    if (readText(file) === mine) remove(file);
  };
}

function livingHolder(file: string): number | null {
  let holder: { pid?: number; born?: string | null };
  try {
    holder = JSON.parse(readText(file) ?? '{}') as typeof holder;
  } catch {
    return null; // a half-written lock of a process that was killed while it wrote
  }
  if (holder.pid === undefined || !isAlive(holder.pid)) return null;
  return holder.born === processBirth(holder.pid) ? holder.pid : null;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
