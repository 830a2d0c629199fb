import type { Database } from '../../storage/index.js';
import { hashFiles } from '../read-plugin.js';
import type { PluginFile, RawPlugin } from '../types.js';

/** Plugins without code that were installed over HTTP, as if they had been read from folders. */
export async function readPackages(db: Database): Promise<RawPlugin[]> {
  const rows = await db.query<{ id: string; files: Record<string, string> }>({
    text: 'select id, files from trellis.plugin_package order by id',
    values: [],
  });
  return rows.map(({ id, files }) =>
    toRaw(
      id,
      Object.entries(files).map(([path, text]) => ({ path, text })),
    ),
  );
}

/** Hashes of the packages that are installed now, in the order of `readPackages`. */
export async function readPackageHashes(db: Database): Promise<string[]> {
  const rows = await db.query<{ hash: string }>({
    text: 'select hash from trellis.plugin_package order by id',
    values: [],
  });
  return rows.map(({ hash }) => hash);
}

/** A package as the host takes plugins. */
export function toRaw(id: string, files: readonly PluginFile[]): RawPlugin {
  const manifest = files.filter(({ path }) => path === 'plugin.json');
  const others = files.filter(({ path }) => path !== 'plugin.json').sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    dir: `package:${id}`,
    label: `packages/${id}`,
    origin: 'installed',
    files: [...manifest, ...others],
    code: null,
    hash: hashFiles(files),
    problems: [],
  };
}

/** Keeps a package in the place of the earlier one of its id. */
export async function writePackage(
  db: Database,
  input: { readonly id: string; readonly version: string; readonly raw: RawPlugin; readonly by: string | null },
): Promise<void> {
  const files = Object.fromEntries(input.raw.files.map(({ path, text }) => [path, text]));
  await db.query({
    text: `insert into trellis.plugin_package (id, version, hash, files, installed_by) values ($1, $2, $3, $4, $5)
on conflict (id) do update set version = excluded.version, hash = excluded.hash, files = excluded.files, installed_by = excluded.installed_by, installed_at = now()`,
    values: [input.id, input.version, input.raw.hash, JSON.stringify(files), input.by],
  });
}

/** Forgets the files of a package. */
export async function removePackage(db: Database, id: string): Promise<void> {
  await db.query({ text: 'delete from trellis.plugin_package where id = $1', values: [id] });
}
