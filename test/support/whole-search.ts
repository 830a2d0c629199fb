import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ClonedDatabase } from './template.js';

/** Tables of all schemas in which a text stands somewhere, any case, as `schema.table: number of rows`. */
export async function tablesWith(db: Pick<ClonedDatabase, 'query'>, text: string): Promise<string[]> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const [{ n }] = await db.query<{ n: string }>(`select count(*) as n from ${name} t where t::text ilike $1`, [
      `%${text}%`,
    ]);
    if (Number(n) > 0) found.push(`${name}: ${n}`);
  }
  return found;
}

/** Files below a folder in which a text stands; archives of backups are looked into. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const body = entry.name.endsWith('.trellis') ? gunzipSync(bytes) : bytes;
    if (body.toString('latin1').toLowerCase().includes(Buffer.from(text).toString('latin1').toLowerCase()))
      found.push(path);
  }
  return found;
}
