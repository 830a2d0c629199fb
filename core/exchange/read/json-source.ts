import { readFile, stat } from 'node:fs/promises';
import { invalid, limited } from '../../base/errors.js';
import type { Cell, Source, SourceRow } from './cell.js';
import { decodeFile } from './encoding.js';

const MAX_ARRAY_BYTES = 64 * 1024 * 1024;
const MAX_COLUMNS = 1000;
type Item = { readonly value: unknown } | { readonly problem: string };

/** Opens NDJSON (one object a line, streamed) or a JSON array of objects (up to 64 MB). The columns are all keys that occur. */
export async function openJson(path: string): Promise<Source> {
  const items = (await startsWith(path, '[')) ? await arrayItems(path) : () => lineItems(path);
  const columns = await keysOf(items());
  return {
    columns,
    async *rows() {
      let number = 0;
      for await (const batch of items()) yield batch.map((item) => toRow(item, ++number, columns));
    },
  };
}

async function startsWith(path: string, character: string): Promise<boolean> {
  for await (const piece of decodeFile(path, 'utf-8')) {
    const text = piece.trimStart();
    if (text) return text.startsWith(character);
  }
  return false;
}

async function arrayItems(path: string): Promise<() => AsyncIterable<Item[]>> {
  const { size } = await stat(path);
  if (size > MAX_ARRAY_BYTES)
    throw limited('import.too_large', 'A JSON array is read up to 64 MB.', {
      hint: 'Write one object a line (NDJSON): that is not limited.',
    });
  const text = (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid('import.unreadable', `The file is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  const all = parsed as unknown[];
  return async function* () {
    for (let at = 0; at < all.length; at += 1000) yield all.slice(at, at + 1000).map((value) => ({ value }));
  };
}

async function* lineItems(path: string): AsyncGenerator<Item[]> {
  let rest = '';
  for await (const piece of decodeFile(path, 'utf-8')) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield lines.filter((line) => line.trim() !== '').map(toItem);
  }
  if (rest.trim() !== '') yield [toItem(rest)];
}

function toItem(line: string): Item {
  try {
    return { value: JSON.parse(line) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

async function keysOf(batches: AsyncIterable<Item[]>): Promise<string[]> {
  const keys = new Set<string>();
  for await (const batch of batches) {
    for (const item of batch)
      if ('value' in item && isObject(item.value)) for (const key of Object.keys(item.value)) keys.add(key);
    if (keys.size > MAX_COLUMNS)
      throw limited('import.too_many_columns', `The objects have more than ${MAX_COLUMNS} different keys.`);
  }
  if (keys.size === 0)
    throw invalid('import.empty', 'The file holds no JSON objects.', {
      hint: 'Write one object a line, or one array of objects.',
    });
  return [...keys];
}

function toRow(item: Item, number: number, columns: readonly string[]): SourceRow {
  if ('problem' in item)
    return {
      number,
      cells: columns.map(() => null),
      problem: { code: 'row.malformed', message: `Not valid JSON: ${item.problem}` },
    };
  if (!isObject(item.value))
    return {
      number,
      cells: columns.map(() => null),
      problem: { code: 'row.malformed', message: 'Not a JSON object.' },
    };
  const value = item.value;
  return { number, cells: columns.map((column): Cell => toCell(Object.hasOwn(value, column) ? value[column] : null)) };
}

function toCell(value: unknown): Cell {
  if (value === null || value === undefined || typeof value === 'string') return (value as string | null) ?? null;
  return { json: value };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
