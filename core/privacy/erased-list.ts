import { appendFile, mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SubjectRef } from '../sdk/index.js';

/** One line of the list: ids only, nothing of the person. */
export interface ErasedEntry extends SubjectRef {
  /** ISO instant. */
  readonly at: string;
}

/** Where the list lies: beside the database, where no restore touches it. */
export function erasedListPath(dataDir: string): string {
  return join(dataDir, 'erased.ndjson');
}

/** All entries; a line that a crash cut off is left out. */
export async function readErasedList(dataDir: string): Promise<ErasedEntry[]> {
  const text = await readFile(erasedListPath(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => entryOf(line));
}

/** Adds entries and waits until they are on disk. */
export async function appendErasedList(dataDir: string, entries: readonly ErasedEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const path = erasedListPath(dataDir);
  await mkdir(dirname(path), { recursive: true });
  // A line of its own even where the last one was cut off.
  await appendFile(path, `\n${entries.map(({ entity, id, at }) => JSON.stringify({ entity, id, at })).join('\n')}\n`, {
    mode: 0o600,
  });
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

function entryOf(line: string): ErasedEntry[] {
  if (line.trim() === '') return [];
  try {
    const { entity, id, at } = JSON.parse(line) as Partial<ErasedEntry>;
    const isWhole =
      typeof entity === 'string' && /^[0-9a-f-]{36}$/.test(id ?? '') && !Number.isNaN(Date.parse(at ?? ''));
    return isWhole ? [{ entity, id: id as string, at: at as string }] : [];
  } catch {
    return [];
  }
}
