import { quote, Sql } from '../query/index.js';
import type { FieldModel } from '../schema/index.js';
import { convertingColumns, type ConvertingColumn } from '../storage/index.js';
import { stored, type Draft } from './draft.js';
import type { Write } from './prepare.js';

/**
 * Says which unique field each refused draft clashes on, with one statement. That a value is taken is disclosed even
 * where the other record is hidden: a unique field cannot keep that secret (listed in docs/security.md).
 */
export async function clashIssues(write: Write, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return;
  const sets = uniqueSets(write);
  const sql = new Sql();
  const converting = await convertingColumns(write.ctx.tx, write.entity.id);
  const queries = sets.flatMap((fields, i) => {
    const rows = drafts.filter((draft) => fields.every((field) => (draft.next[field.key] ?? null) !== null));
    if (rows.length === 0) return [];
    const columns = fields.map((field) => field.kind.columns(field)[0]);
    const shape = columns.map((column, c) => `v${c} ${column.type.replace(/\s+collate\s+("[^"]+"|\S+)/i, '')}`);
    const values = rows.map((draft) => ({
      id: draft.id,
      ...Object.fromEntries(
        fields.map((field, c) => [
          `v${c}`,
          Object.values(field.kind.encode(stored(field, draft.next[field.key]), field))[0],
        ]),
      ),
    }));
    const given = `json_to_recordset(${sql.param(JSON.stringify(values), 'json')}) as i(id uuid, ${shape.join(', ')})`;
    const same = columns.map((column, c) => `t.${quote(column.name)} = i.v${c}`).join(' and ');
    const copied = columns.map((column, c) => sameCopy(converting.get(column.name), column.name, c)).join(' and ');
    return [...new Set([same, copied])].map(
      (clash) =>
        `select i.id, ${i} as n from ${given} where exists (select 1 from ${write.entity.table} t where ${clash} and t.deleted_at is null and t.id <> i.id)`,
    );
  });
  const found =
    queries.length === 0
      ? []
      : await write.ctx.tx.query<{ id: string; n: number }>(queries.join(' union all '), sql.values);
  for (const draft of drafts) {
    const clashes = found.filter((row) => row.id === draft.id);
    const fields = clashes.length > 0 ? sets[clashes[0].n] : (filledSet(sets, draft) ?? []);
    for (const field of fields) draft.issues.push(taken(field));
    if (fields.length === 0)
      draft.issues.push({ path: 'id', code: 'record.exists', message: 'There is already a record with this id.' });
  }
}

/** Where a column is being copied into another type, values that are equal as that clash already. */
function sameCopy(conversion: ConvertingColumn | undefined, column: string, n: number): string {
  if (!conversion) return `t.${quote(column)} = i.v${n}`;
  return `t.${quote(conversion.copy)} = (select ${conversion.value} from (select i.v${n} as ${quote(column)}) c)`;
}

/** Sets of fields whose values together occur once among live records. */
export function uniqueSets(write: Pick<Write, 'entity'>): FieldModel[][] {
  const { entity } = write;
  const single = [...entity.fields.values()]
    .filter((field) => (field.unique || field.key === 'externalId') && field.kind.columns(field).length > 0)
    .map((field) => [field]);
  const several = entity.unique.map((keys) =>
    keys.map((key) => entity.fields.get(key)).filter((field): field is FieldModel => field !== undefined),
  );
  return [...single, ...several];
}

/** Drafts that clash with no stored record clash within their batch: on the first set that this one fills. */
function filledSet(sets: readonly FieldModel[][], draft: Draft): FieldModel[] | undefined {
  return sets.find((fields) => fields.every((field) => (draft.next[field.key] ?? null) !== null));
}

function taken(field: FieldModel): { path: string; code: string; message: string; params: Record<string, unknown> } {
  return {
    path: field.key,
    code: 'field.unique',
    message: `${field.title}: this value is already taken.`,
    params: { field: field.key },
  };
}
