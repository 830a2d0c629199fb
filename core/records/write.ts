import { conflict, denied, invalid, type Issue } from '../base/errors.js';
import { isUuid } from '../base/ids.js';
import { planFields, selectList, shownRow, Sql } from '../query/index.js';
import type { Catalog } from '../catalog/index.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import type { Draft } from './draft.js';
import { insertDrafts, type Inserted } from './insert.js';
import { checkReadOnly } from './conditions.js';
import { writeLinks } from './links.js';
import { LateFindings } from './late-findings.js';
import { writeLines } from './lines.js';
import { mayNot, type Locked } from './lock.js';
import { rowsOutOfScope, settableIn } from './new-rows.js';
import {
  applyCurrencies,
  applyDefaults,
  checkDrafts,
  runAfterHooks,
  changedKeys,
  runBeforeHooks,
  validate,
  type Write,
} from './prepare.js';
import { checkLinkRules } from './rules.js';
import type { RecordsDeps, TxCtx } from './transaction.js';
import { updateDrafts } from './update.js';

export interface WriteSettings {
  readonly systemFields: boolean;
  /** Ask for the JSON of the written rows. */
  readonly withData: boolean;
  /** Rows may bring the id they are made under: the kernel's own writes, and imports. */
  readonly keepsIds?: boolean;
}

/** What became of the drafts; those with findings are not in `written`. */
export interface WriteOutcome {
  readonly drafts: readonly Draft[];
  readonly written: ReadonlyMap<string, Inserted>;
}

/** Creates records of one entity: the pipeline from coercion to outbox, for a batch. */
export async function createDrafts(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  entityId: string,
  inputs: readonly RecordData[],
  settings: WriteSettings,
): Promise<WriteOutcome> {
  const write = startWrite(deps, ctx, catalog, entityId, 'create', settings);
  const drafts = inputs.map((given, row) => draftOf(write, given, row, settings.keepsIds === true));
  await runBeforeHooks(write, drafts);
  await checkDrafts(write, drafts);
  const good = drafts.filter((draft) => draft.issues.length === 0);
  const needsReread =
    settings.withData &&
    (good.some((draft) => draft.links.size > 0 || draft.lines.size > 0) ||
      deps.hooks.has(write.entity.id, 'after', 'create'));
  const inserted = await insertDrafts(write, good, settings.withData && !needsReread);
  return finish(write, drafts, inserted, needsReread);
}

/** A new record as given, coerced, with its defaults; what is wrong with it is in its issues. */
export function draftOf(write: Write<Ctx>, given: RecordData, row: number, mayKeepId: boolean): Draft {
  const { ctx } = write;
  const { id: ownId, ...rest } = given;
  const keepsId = mayKeepId && isUuid(ownId);
  const draft: Draft = {
    row,
    id: keepsId ? ownId.toLowerCase() : ctx.newId(),
    old: null,
    version: 0,
    next: {},
    changed: new Set(),
    links: new Map(),
    lines: new Map(),
    asked: new Set(),
    issues: [],
  };
  if (write.entity.ownership === 'principal') draft.next = { ownerId: ownerOf(ctx) };
  validate(write, draft, keepsId ? rest : given);
  applyDefaults(write, draft);
  return draft;
}

/** Changes records that `lockRows` has locked; drafts without a change are left as they are. */
export async function changeDrafts(
  deps: RecordsDeps,
  ctx: TxCtx,
  catalog: Catalog,
  entityId: string,
  patches: readonly { locked: Locked; values: RecordData; row: number }[],
  settings: WriteSettings,
): Promise<WriteOutcome> {
  const write = startWrite(deps, ctx, catalog, entityId, 'update', settings);
  const drafts = patches.map(({ locked, values, row }): Draft => {
    const draft: Draft = {
      row,
      id: locked.id,
      old: locked.data,
      version: locked.version,
      next: locked.data,
      changed: new Set(),
      links: new Map(),
      lines: new Map(),
      asked: new Set(),
      issues: [],
    };
    validate(write, draft, values, settableIn(write, locked.reached));
    applyCurrencies(write, draft);
    // Lines come back whole, with rows that nobody changed: those ask for no right.
    if (!locked.writable && draft.changed.size > 0) draft.issues.push(mayNot('update'));
    return draft;
  });
  await checkReadOnly(write, drafts);
  await runBeforeHooks(
    write,
    drafts.filter((draft) => draft.changed.size > 0),
  );
  await checkDrafts(write, drafts);
  const good = drafts.filter((draft) => draft.issues.length === 0 && draft.changed.size > 0);
  const needsReread =
    settings.withData &&
    (good.some((draft) => draft.links.size > 0 || draft.lines.size > 0) ||
      deps.hooks.has(write.entity.id, 'after', 'update', changedKeys(good)));
  const updated = await updateDrafts(write, good, settings.withData && !needsReread);
  return finish(write, drafts, updated, needsReread);
}

async function finish(
  write: Write,
  drafts: readonly Draft[],
  written: Map<string, Inserted>,
  reread: boolean,
): Promise<WriteOutcome> {
  const done = drafts.filter((draft) => written.has(draft.id));
  await writeLinks(write, done);
  await writeLines(write, done, { createDrafts, changeDrafts });
  for (const [id, issues] of await checkLinkRules(write, [...written.keys()]))
    drafts.find((draft) => draft.id === id)?.issues.push(...issues);
  for (const [id, issue] of await rowsOutOfScope(write, done))
    done.find((draft) => draft.id === id)?.issues.push(issue);
  const late = done.filter((draft) => draft.issues.length > 0);
  if (late.length > 0) throw new LateFindings(late);
  await runAfterHooks(write, done);
  return { drafts, written: reread ? await rereadRows(write, written) : written };
}

/** What a write of one entity works with; throws access.denied where the operation is not granted at all. */
export function startWrite<C extends Ctx>(
  deps: RecordsDeps,
  ctx: C,
  catalog: Catalog,
  entityId: string,
  operation: 'create' | 'update',
  settings: WriteSettings,
): Write<C> {
  const scope = deps.access.write(ctx, catalog, entityId, operation);
  return {
    deps,
    ctx,
    catalog,
    entity: scope.entity,
    operation,
    fields: scope.fields,
    scope,
    systemFields: settings.systemFields,
  };
}

function ownerOf(ctx: Ctx): RecordData | null {
  const id = ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.onBehalfOf;
  return id === null ? null : { id, title: null };
}

async function rereadRows(write: Write, written: ReadonlyMap<string, Inserted>): Promise<Map<string, Inserted>> {
  const env = write.deps.access.env(write.ctx, write.catalog);
  const scope = write.deps.access.read(write.ctx, write.catalog, write.entity.id);
  const sql = new Sql();
  const shown = shownRow(sql, env, scope, 't');
  const text = `select t.id, t.version, row_to_json(_r)::text as data from ${write.entity.source} t${shown.join} cross join lateral (select ${selectList(sql, env, planFields(env, scope, undefined), shown.alias)}) _r where t.id in (select unnest(${sql.param([...written.keys()], 'uuid[]')}))`;
  const rows = await write.ctx.tx.query<{ id: string; version: number; data: string }>(text, sql.values);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Refuses one record's write with its findings: 409 where a unique value is taken, else 422. */
export function refuse(draft: Draft): never {
  const issues: Issue[] = draft.issues;
  const [first] = issues;
  const options = { issues, hint: 'Correct the fields named in "issues" and send it again.' };
  if (first.code === 'access.out_of_scope') throw denied(first.code, first.message, { issues });
  if (issues.every((issue) => issue.code === 'field.unique' || issue.code === 'record.exists'))
    throw conflict('record.duplicate', first.message, options);
  throw invalid(
    'record.invalid',
    issues.length === 1 ? first.message : `${issues.length} values cannot be taken.`,
    options,
  );
}
