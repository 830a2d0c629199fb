import { rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { conflict } from '../base/errors.js';
import type { ExchangeDeps } from './deps.js';
import { openSource } from './read/open-source.js';
import type { ImportRecord } from './store.js';
import { withoutSamples } from './traces.js';
import { uploadPath } from './upload-store.js';

/**
 * Removes kept uploads in which one of the terms stands (any case); an import that was ready to start is cancelled, since it has no file
 * any more. Returns how many files went. Throws privacy.busy while such a file is being imported.
 */
export async function forgetUploads(
  deps: ExchangeDeps,
  terms: readonly string[],
  { isAlone = false }: { readonly isAlone?: boolean } = {},
): Promise<number> {
  const wanted = terms.map((term) => term.toLowerCase());
  const imports = await deps.db.query<Pick<ImportRecord, 'file_hash' | 'file_name' | 'options' | 'status'>>({
    text: `select distinct on (file_hash) file_hash, file_name, options, status from trellis.import order by file_hash, (status in ('running', 'undoing')) desc`,
    values: [],
  });
  let removed = 0;
  for (const each of imports) {
    const path = uploadPath(deps.dataDir, each.file_hash);
    if (!(await holds(path, each, wanted))) continue;
    if (!isAlone && (each.status === 'running' || each.status === 'undoing'))
      throw conflict('privacy.busy', 'A file that names the person is being imported.', { hint: 'It is tried again.' });
    // A file may be called after the person, and samples of it stand in the preview.
    await deps.db.query({
      text: `update trellis.import set preview = '[]', problems = '[]', file_name = $2, ${withoutSamples},
  finished_at = case when status = 'ready' then now() else finished_at end, status = case when status = 'ready' then 'cancelled' else status end
where file_hash = $1`,
      values: [each.file_hash, `—${extname(each.file_name)}`],
    });
    await rm(path, { force: true });
    removed++;
  }
  return removed;
}

async function holds(
  path: string,
  { file_name, options }: Pick<ImportRecord, 'file_name' | 'options'>,
  wanted: readonly string[],
): Promise<boolean> {
  const source = await openSource(path, file_name, options).catch(() => null);
  if (source === null) return false;
  for await (const batch of source.rows()) {
    for (const { cells } of batch) {
      const text = JSON.stringify(cells).toLowerCase();
      if (wanted.some((term) => text.includes(term))) return true;
    }
  }
  return false;
}
