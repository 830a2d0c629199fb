import { isTrellisError, type Issue } from '../base/errors.js';
import { linesAtMost, type FieldModel, type LinesModel, type LinesWrite, type LineValues } from '../schema/index.js';
import type { RecordData } from '../sdk/index.js';
import type { Draft } from './draft.js';
import { LateFindings } from './late-findings.js';
import { lockRows, mayNot, type Locked } from './lock.js';
import type { Write } from './prepare.js';
import { deleteRows } from './remove.js';
import type { changeDrafts, createDrafts, WriteOutcome } from './write.js';

/** The pipeline that lines go through like all records; given from outside, since it is what writes their parents. */
export interface LineVerbs {
  readonly createDrafts: typeof createDrafts;
  readonly changeDrafts: typeof changeDrafts;
}

/** A line on its way: where it stands in what was written, which is where findings are told. */
interface Line {
  readonly draft: Draft;
  readonly path: string;
  readonly values: LineValues;
  /** Its place among the lines, from 1; absent: none is kept, or it stays where it is. */
  readonly position?: number;
}

/**
 * Writes the lines of the drafts as what they are, records of their own: created, changed and deleted set-wise, with their own
 * access, hooks, rules, history and events. Findings go to the parent under `lines/2/quantity`. The parents are written already.
 */
export async function writeLines(write: Write, drafts: readonly Draft[], verbs: LineVerbs): Promise<void> {
  for (const field of write.entity.fields.values()) {
    const touched = drafts.filter((draft) => draft.lines.has(field.key));
    if (field.lines && touched.length > 0) await writeField(write, field, field.lines, touched, verbs);
  }
}

async function writeField(
  write: Write,
  field: FieldModel,
  lines: LinesModel,
  drafts: readonly Draft[],
  verbs: LineVerbs,
): Promise<void> {
  const standing = await standingLines(write, lines, drafts);
  const { created, changed, removed } = sort(field, lines, drafts, standing);
  if (drafts.some((draft) => draft.issues.length > 0)) return;
  const { deps, ctx, catalog } = write;
  const settings = { systemFields: false, withData: false };
  if (removed.length > 0 && (await refuseKept(write, field, lines, drafts, removed))) return;
  if (removed.length > 0)
    await refusingFor(field, drafts, () => deleteRows({ deps, ctx, catalog }, lines.entity, removed));
  await telling(changed, (rows) =>
    verbs.changeDrafts(
      deps,
      ctx,
      catalog,
      lines.entity,
      rows.map((line, row) => ({
        locked: standing.get(idOf(line.values)) as Locked,
        values: valuesOf(write, lines, line),
        row,
      })),
      settings,
    ),
  );
  await telling(created, (rows) =>
    verbs.createDrafts(
      deps,
      ctx,
      catalog,
      lines.entity,
      rows.map((line) => ({ ...valuesOf(write, lines, line), [lines.link]: line.draft.id })),
      settings,
    ),
  );
}

/** The lines that stand, locked, by id. A line that the actor may not see stays out of it. */
async function standingLines(write: Write, lines: LinesModel, drafts: readonly Draft[]): Promise<Map<string, Locked>> {
  const { deps, ctx, catalog } = write;
  if (write.operation === 'create') return new Map();
  const child = catalog.schema.entities.get(lines.entity);
  const link = child?.fields.get(lines.link) as FieldModel;
  const [column] = link.kind.columns(link);
  const operation = deps.access.may(ctx, catalog, lines.entity, 'update') ? 'update' : 'delete';
  const may = deps.access.may(ctx, catalog, lines.entity, operation);
  const by = { column: column.name, type: column.type, values: drafts.map((draft) => draft.id) };
  const rows = may ? await lockRows(deps, ctx, catalog, lines.entity, by, operation, 'exclude') : [];
  return new Map(rows.filter((row) => row.readable).map((row) => [row.id, row]));
}

/** True where some of the lines are not the actor's to delete. Throws access.denied where none of the entity is. */
async function refuseKept(
  { deps, ctx, catalog }: Write,
  field: FieldModel,
  lines: LinesModel,
  drafts: readonly Draft[],
  removed: readonly Locked[],
): Promise<boolean> {
  const by = { column: 'id', type: 'uuid', values: removed.map(({ id }) => id) };
  const rows = await lockRows(deps, ctx, catalog, lines.entity, by, 'delete', 'exclude');
  const kept = new Set(rows.filter((row) => !row.writable).map(({ id }) => id));
  for (const { id, key } of removed)
    if (kept.has(id)) drafts.find((draft) => draft.id === key)?.issues.push({ ...mayNot('delete'), path: field.key });
  return kept.size > 0;
}

function sort(
  field: FieldModel,
  lines: LinesModel,
  drafts: readonly Draft[],
  standing: ReadonlyMap<string, Locked>,
): { created: Line[]; changed: Line[]; removed: Locked[] } {
  const created: Line[] = [];
  const changed: Line[] = [];
  const removed: Locked[] = [];
  for (const draft of drafts) {
    const own = new Map([...standing].filter(([, row]) => row.key === draft.id));
    const given = draft.lines.get(field.key) ?? [];
    const isAll = isWhole(given);
    const items = isWhole(given) ? given : given.upsert;
    const base = isAll ? `${field.key}/` : `${field.key}/upsert/`;
    let next = isAll ? 0 : lastPosition(lines, own);
    items.forEach((values, i) => {
      const isNew = !values.id;
      const position = isAll || isNew ? { position: ++next } : {};
      const link = values[lines.link];
      if (link !== undefined && link !== null && linkId(link) !== draft.id)
        draft.issues.push({
          path: `${base}${i}/${lines.link}`,
          code: 'lines.link',
          message: 'A line belongs to the record that it is written with.',
          params: { field: lines.link },
        });
      const line = { draft, path: `${base}${i}`, values, ...position };
      if (isNew) created.push(line);
      else if (own.has(idOf(values))) changed.push(line);
      else draft.issues.push(missingLine(`${base}${i}/id`, String(values.id)));
    });
    const going = isAll
      ? [...own.keys()].filter((id) => !items.some((item) => item.id && idOf(item) === id))
      : removedIds(given);
    going.forEach((id, i) => {
      const row = own.get(id);
      if (row) removed.push(row);
      else draft.issues.push(missingLine(`${field.key}/remove/${i}`, id));
    });
    if (own.size - going.length + items.filter((item) => !item.id).length > linesAtMost || own.size > linesAtMost)
      draft.issues.push({
        path: field.key,
        code: 'lines.too_many',
        message: `${field.title}: at most ${linesAtMost} lines can be kept in one record.`,
        params: { field: field.key, limit: linesAtMost },
      });
  }
  return { created, changed, removed };
}

function isWhole(given: LinesWrite): given is readonly LineValues[] {
  return Array.isArray(given);
}

function removedIds(given: LinesWrite): string[] {
  return isWhole(given) ? [] : given.remove.map((id) => id.toLowerCase());
}

function lastPosition({ position }: LinesModel, own: ReadonlyMap<string, Locked>): number {
  return position === undefined
    ? 0
    : [...own.values()].reduce((last, row) => Math.max(last, Number(row.data[position] ?? 0)), 0);
}

/**
 * What a line brings. What answers carry and nobody writes (version, computed values, masks of secrets) may come back with a line
 * that stands and counts as unchanged.
 */
function valuesOf(write: Write, lines: LinesModel, { values, position }: Line): RecordData {
  const child = write.catalog.schema.entities.get(lines.entity);
  const given = Object.entries(values).filter(([key, value]) => {
    if (key === 'id' || key === lines.link) return false;
    const field = child?.fields.get(key);
    if (!values.id || !field) return true;
    return !field.readOnly && !(field.kind.sealed && typeof value === 'object' && value !== null);
  });
  const placed = lines.position !== undefined && position !== undefined ? { [lines.position]: position } : {};
  return { ...(Object.fromEntries(given) as RecordData), ...placed };
}

/** Runs one set-wise write of lines; its findings become findings of the parents. */
async function telling(lines: readonly Line[], work: (rows: readonly Line[]) => Promise<WriteOutcome>): Promise<void> {
  if (lines.length === 0) return;
  const tell = (drafts: readonly Draft[]): void => {
    for (const draft of drafts) {
      const line = lines[draft.row];
      line.draft.issues.push(...draft.issues.map((issue) => ({ ...issue, path: pathOf(line, issue) })));
    }
  };
  try {
    tell((await work(lines)).drafts);
  } catch (error) {
    if (!(error instanceof LateFindings)) throw error;
    tell(error.drafts);
  }
}

function pathOf(line: Line, issue: Issue): string {
  return issue.path === '' ? line.path : `${line.path}/${issue.path}`;
}

/** A refusal to delete (a record holds it, a hook objects) is told beside the field. */
async function refusingFor(field: FieldModel, drafts: readonly Draft[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isTrellisError(error) || error.kind === 'broken' || error.kind === 'denied') throw error;
    for (const draft of drafts)
      draft.issues.push({ path: field.key, code: error.code, message: error.message, params: error.params });
  }
}

function linkId(link: unknown): unknown {
  const id = typeof link === 'object' && link !== null ? (link as { id?: unknown }).id : link;
  return typeof id === 'string' ? id.toLowerCase() : id;
}

function missingLine(path: string, id: string): Issue {
  return { path, code: 'lines.not_found', message: 'There is no such line in this record.', params: { id } };
}

function idOf(values: LineValues): string {
  return String(values.id).toLowerCase();
}
