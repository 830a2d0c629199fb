import { open } from 'node:fs/promises';
import type { Source } from './cell.js';
import type { CsvOptions } from './csv-source.js';
import { openCsv } from './csv-source.js';
import { openJson } from './json-source.js';
import { openXlsx } from './xlsx-source.js';

export type SourceFormat = 'csv' | 'xlsx' | 'json';

/** Opens an uploaded file; its format is told by its first bytes, then by its name. */
export async function openSource(
  path: string,
  fileName: string,
  options: CsvOptions,
): Promise<Source & { format: SourceFormat }> {
  const format = await formatOf(path, fileName);
  if (format === 'xlsx') return { ...(await openXlsx(path)), format };
  if (format === 'json') return { ...(await openJson(path)), format };
  return { ...(await openCsv(path, options)), format };
}

async function formatOf(path: string, fileName: string): Promise<SourceFormat> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(4);
    await file.read(head, 0, 4, 0);
    if (head.equals(Buffer.from([0x50, 0x4b, 0x03, 0x04]))) return 'xlsx';
  } finally {
    await file.close();
  }
  return /\.(ndjson|jsonl?|json)$/i.test(fileName) ? 'json' : 'csv';
}
