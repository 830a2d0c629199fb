import type { EntityGrant } from '../access/index.js';
import { didYouMean } from '../base/suggest.js';
import type { Catalog } from '../catalog/index.js';
import type { Scoped } from '../query/index.js';
import { createRecordValidator, type CoerceEnv, type EntityModel, type FieldModel } from '../schema/index.js';
import type { Ctx, HookBatch, HookRow, Json, RecordData } from '../sdk/index.js';
import { requiredFields } from './conditions.js';
import { assign, type Draft } from './draft.js';
import { checkRecordType, standardValue } from './record-types.js';
import { checkRules } from './rules.js';
import type { RecordsDeps, TxCtx } from './transaction.js';
import { linkedFormulas, nextOf, withFormulas } from './values.js';

/** One write of one entity under way; inside a transaction unless it says otherwise. */
export interface Write<C extends Ctx = TxCtx> {
  readonly deps: RecordsDeps;
  readonly ctx: C;
  readonly catalog: Catalog;
  readonly entity: EntityModel;
  readonly operation: 'create' | 'update';
  /** Fields that the actor may see and set. */
  readonly fields: EntityGrant['fields'];
  /** Rows that the actor may write, checked on the new row too. */
  readonly scope: Scoped;
  /** createdAt, createdBy, updatedAt, updatedBy may be given (imports). */
  readonly systemFields: boolean;
}

/** How loose input of this context is read. */
export function coerceEnv(ctx: Ctx): CoerceEnv {
  const { region, zone } = ctx.workspace;
  return { region, zone, dateOrder: region === 'US' ? 'mdy' : region === 'CN' ? 'ymd' : 'dmy', decimalSeparator: '.' };
}

/** Coerces and validates what was given; the findings stay on the draft. */
export function validate(
  write: Write<Ctx>,
  draft: Draft,
  values: RecordData,
  fields: Write['fields'] = write.fields,
): void {
  const { entity } = write;
  const given: RecordData = {};
  for (const [key, value] of Object.entries(values)) {
    const access = fields.get(key);
    if (access === undefined || entity.fields.get(key)?.retired) {
      draft.issues.push({
        path: key,
        code: 'field.unknown',
        message: `${entity.title} has no field "${key}".${didYouMean(key, fields.keys())}`,
        params: { field: key },
      });
    } else if (access !== 'edit') {
      draft.issues.push({
        path: key,
        code: 'field.read_only',
        message: `"${key}" cannot be changed by you.`,
        params: { field: key },
      });
    } else given[key] = value;
  }
  draft.asked = new Set(Object.keys(given));
  const checked = createRecordValidator(entity)(given, write.operation, coerceEnv(write.ctx), {
    systemFields: write.systemFields,
  });
  // What is required is asked again after defaults and hooks, which may supply it.
  const isAskedLater = ({ path }: { path: string }): boolean =>
    given[path] !== null || entity.fields.get(path)?.conditions?.show !== undefined;
  draft.issues.push(...checked.issues.filter((issue) => issue.code !== 'field.required' || !isAskedLater(issue)));
  assign(entity, draft, sealed(write, draft, checked.values as RecordData));
}

/** Defaults of fields that were not given; only on create. */
export function applyDefaults(write: Write<Ctx>, draft: Draft): void {
  const values: RecordData = {};
  for (const field of write.entity.fields.values()) {
    if (field.system || field.retired || draft.next[field.key] !== undefined || draft.links.has(field.key)) continue;
    const standard = standardValue(write.entity, draft.next, field);
    if (standard !== undefined) values[field.key] = structuredClone(standard) as Json;
  }
  assign(write.entity, draft, values);
  applyCurrencies(write, draft);
}

/** An amount without a currency is in the workspace's. */
export function applyCurrencies(write: Write<Ctx>, draft: Draft): void {
  for (const field of write.entity.fields.values()) {
    if (!field.kind.currencyColumn) continue;
    const sibling = `${field.key}Currency`;
    const amount = draft.next[field.key];
    if (amount !== undefined && amount !== null && (draft.next[sibling] ?? null) === null)
      assign(write.entity, draft, { [sibling]: write.ctx.workspace.currency });
  }
}

/** Before hooks over the drafts without findings. */
export async function runBeforeHooks(write: Write, drafts: readonly Draft[]): Promise<void> {
  const { deps, ctx, entity, operation } = write;
  const live = drafts.filter((draft) => draft.issues.length === 0);
  if (live.length === 0 || !deps.hooks.has(entity.id, 'before', operation)) return;
  const computed = await formulasOf(write, live);
  const batch = (): HookBatch<RecordData> => ({ entity: entity.id, operation, rows: live.map(computed) });
  await deps.hooks.run(ctx, 'before', batch(), (patches) => {
    patches.forEach((patch, i) => patch && assign(entity, live[i], sealed(write, live[i], patch as RecordData)));
    return batch();
  });
}

/** Keys that any of the drafts changes. */
export function changedKeys(drafts: readonly Draft[]): string[] {
  return [...new Set(drafts.flatMap((draft) => [...draft.changed]))];
}

/** After hooks over what was written. */
export async function runAfterHooks(write: Write, drafts: readonly Draft[]): Promise<void> {
  const { deps, ctx, entity, operation } = write;
  const keys = operation === 'update' ? changedKeys(drafts) : undefined;
  if (drafts.length === 0 || !deps.hooks.has(entity.id, 'after', operation, keys)) return;
  const batch = { entity: entity.id, operation, rows: drafts.map(await formulasOf(write, drafts)) };
  await deps.hooks.run(ctx, 'after', batch, () => batch);
}

/** What hooks see of a draft: with the values of formulas; those that follow links as they are when this is called. */
async function formulasOf(write: Write, drafts: readonly Draft[]): Promise<(draft: Draft) => HookRow<RecordData>> {
  const linked = await linkedFormulas(
    write,
    drafts.map((draft) => nextOf(write, draft)),
  );
  const olds = await linkedFormulas(
    write,
    drafts.flatMap((draft) => (draft.old === null ? [] : [draft.old])),
  );
  const nextOfDraft = new Map(drafts.map((draft, i) => [draft, linked[i]]));
  const oldOf = new Map(drafts.filter((draft) => draft.old !== null).map((draft, i) => [draft, olds[i]]));
  return (draft) => ({
    id: draft.id,
    old: draft.old && withFormulas(write, draft.old, oldOf.get(draft)),
    next: withFormulas(write, draft.next, nextOfDraft.get(draft)),
    changed: draft.changed,
  });
}

/** The values with secrets encrypted: plain text of them goes no further than this. */
function sealed(write: Write<Ctx>, draft: Draft, values: RecordData): RecordData {
  const secrets = Object.keys(values).filter((key) => write.entity.fields.get(key)?.kind.sealed);
  if (secrets.length === 0) return values;
  const next = { ...values };
  for (const key of secrets) {
    const value = values[key];
    const field = write.entity.fields.get(key) as FieldModel;
    if (typeof value === 'string')
      next[key] = { set: true, sealed: write.deps.secrets.seal(value, secretContext(field, draft.id)) };
    // The mask of an answer, come back: no change.
    else if (value !== null) delete next[key];
  }
  return next;
}

/** What a ciphertext is bound to: it opens in its own field of its own record only. */
export function secretContext(field: FieldModel, record: string): string {
  return `${field.uuid}/${record.toLowerCase()}`;
}

/** Required fields and the rules of the entity. */
export async function checkDrafts(write: Write<Ctx>, drafts: readonly Draft[]): Promise<void> {
  const required = await requiredFields(write, drafts);
  for (const draft of drafts) {
    for (const { field, code } of required.get(draft) ?? []) {
      const value = draft.next[field.key];
      if (
        isBlank(value) &&
        !draft.links.has(field.key) &&
        !draft.lines.has(field.key) &&
        !draft.issues.some((issue) => issue.path === field.key)
      )
        draft.issues.push({
          path: field.key,
          code,
          message: `${field.title} must be filled in.`,
          params: { field: field.key },
        });
    }
    checkRecordType(write, draft);
  }
  await checkRules(write, drafts);
}

function isBlank(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
