import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { conflict } from '../../base/errors.js';

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
  // In a container the same small process ids come again: the same pid born at another time is another process.
  return holder.born === processBirth(holder.pid) ? holder.pid : null;
}

/** True if a process of that id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start of a process in ticks since boot plus the boot's id (Linux, proc(5)); null where the system does not tell. */
function processBirth(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${readText('/proc/sys/kernel/random/boot_id')?.trim()}:${ticks}`;
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
