import type { Ctx } from '../sdk/index.js';
import { completeMapping, guess, preview, scan } from './analyse.js';
import type { ExchangeDeps } from './deps.js';
import { importEntity } from './import-env.js';
import { checkEntry, checkOptions } from './import-options.js';
import { sniffFormats } from './mapping/sniff-formats.js';
import { openSource } from './read/open-source.js';
import type { ImportRecord } from './store.js';
import { toState, userOf } from './store.js';
import type { ColumnMapping, ImportOptions, ImportProblem, ImportState } from './types.js';
import { keepUpload, uploadPath } from './upload-store.js';

/** As many as samples are taken of. */
const ROWS_TO_LOOK_AT = 1000;

/** Reads an upload once and stores the import as `ready`. */
export async function createImport(
  deps: ExchangeDeps,
  ctx: Ctx,
  input: { file: string; fileName: string; entity: string; options?: ImportOptions },
): Promise<ImportState> {
  const catalog = deps.catalog.current;
  const entity = importEntity(deps, ctx, catalog, input.entity);
  const given = checkOptions(input.options ?? {});
  const hash = await keepUpload(deps.dataDir, input.file);
  const source = await openSource(uploadPath(deps.dataDir, hash), input.fileName, given);
  const found = await scan(source);
  const options = { ...sniffFormats(found.samples), ...given };
  const mapping = given.mapping
    ? completeMapping(catalog, entity, found.samples, given.mapping)
    : guess(ctx, catalog, entity, found.samples, options);
  const shown = await preview(deps, ctx, catalog, {
    entity,
    columns: source.columns,
    mapping,
    options,
    head: found.head,
  });
  const [row] = await deps.db.query<ImportRecord>({
    text: `insert into trellis.import (id, entity, file_name, file_hash, format, options, columns, mapping, preview, problems, status, total, actor, scopes, created_at)
      values ($1::uuid, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8::jsonb, $9::jsonb, $10::jsonb, 'ready', $11, $12::uuid, $13::jsonb, $14) returning *`,
    values: [
      ctx.newId(),
      input.entity,
      input.fileName.slice(0, 255),
      hash,
      source.format,
      JSON.stringify({ ...options, mapping: undefined, ...dialect(source) }),
      JSON.stringify(source.columns),
      JSON.stringify(mapping),
      JSON.stringify(shown.rows),
      JSON.stringify([...shown.problems, ...found.problems]),
      found.total,
      userOf(ctx),
      ctx.actor.kind === 'user' && ctx.actor.scopes ? JSON.stringify(ctx.actor.scopes) : null,
      ctx.now(),
    ],
  });
  return toState(row);
}

/** The same file under another mapping or options; only while `ready`. The row is not locked: the last change stands. */
export async function remapImport(
  deps: ExchangeDeps,
  ctx: Ctx,
  record: ImportRecord,
  input: { mapping?: readonly ColumnMapping[]; options?: ImportOptions },
): Promise<ImportRecord> {
  const catalog = deps.catalog.current;
  const entity = importEntity(deps, ctx, catalog, record.entity);
  const options: ImportOptions = { ...record.options, ...checkOptions(input.options ?? {}) };
  const source = await openSource(uploadPath(deps.dataDir, record.file_hash), record.file_name, options);
  input.mapping?.forEach(checkEntry);
  // Read another way the file has other columns: what was mapped before means nothing to them.
  const isSame = source.columns.join('\n') === record.columns.join('\n');
  const read = await scan(source, isSame ? ROWS_TO_LOOK_AT : Infinity);
  const found = isSame ? { ...read, total: Number(record.total), problems: record.problems.filter(isOfFile) } : read;
  const mapping = isSame
    ? completeMapping(catalog, entity, found.samples, input.mapping ?? record.mapping)
    : guess(ctx, catalog, entity, found.samples, options);
  const shown = await preview(deps, ctx, catalog, {
    entity,
    columns: source.columns,
    mapping,
    options,
    head: found.head,
  });
  const [row] = await deps.db.query<ImportRecord>({
    text: `update trellis.import set options = $2::jsonb, columns = $3::jsonb, mapping = $4::jsonb, preview = $5::jsonb, problems = $6::jsonb, total = $7 where id = $1::uuid and status = 'ready' returning *`,
    values: [
      record.id,
      JSON.stringify({ ...options, mapping: undefined, ...dialect(source) }),
      JSON.stringify(source.columns),
      JSON.stringify(mapping),
      JSON.stringify(shown.rows),
      JSON.stringify([...shown.problems, ...found.problems]),
      found.total,
    ],
  });
  return row ?? record;
}

/** Problems of rows that cannot be read at all stay the same under any mapping. */
function isOfFile(problem: ImportProblem): boolean {
  return problem.row !== undefined && problem.code.startsWith('row.');
}

/** What was found out about a CSV file is kept, so that a later run reads it the same way. */
function dialect(source: object): { encoding?: string; delimiter?: string } {
  const { encoding, delimiter } = source as { encoding?: string; delimiter?: string };
  return { ...(encoding ? { encoding } : {}), ...(delimiter ? { delimiter } : {}) };
}
