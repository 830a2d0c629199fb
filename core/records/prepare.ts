import type { EntityGrant } from '../access/index.js';
import { didYouMean } from '../base/suggest.js';
import type { Catalog } from '../catalog/index.js';
import type { Scoped } from '../query/index.js';
import { createRecordValidator, type CoerceEnv, type EntityModel } from '../schema/index.js';
import type { HookBatch, Json, RecordData } from '../sdk/index.js';
import { assign, type Draft } from './draft.js';
import { checkRules } from './rules.js';
import type { RecordsDeps, TxCtx } from './transaction.js';

/** One write of one entity under way. */
export interface Write {
  readonly deps: RecordsDeps;
  readonly ctx: TxCtx;
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
export function coerceEnv(ctx: TxCtx): CoerceEnv {
  const { region, zone } = ctx.workspace;
  return { region, zone, dateOrder: region === 'US' ? 'mdy' : region === 'CN' ? 'ymd' : 'dmy', decimalSeparator: '.' };
}

/** Coerces and validates what was given; the findings stay on the draft. */
export function validate(write: Write, draft: Draft, values: RecordData): void {
  const { entity } = write;
  const given: RecordData = {};
  for (const [key, value] of Object.entries(values)) {
    const access = write.fields.get(key);
    if (access === undefined || entity.fields.get(key)?.retired) {
      draft.issues.push({
        path: key,
        code: 'field.unknown',
        message: `${entity.title} has no field "${key}".${didYouMean(key, write.fields.keys())}`,
        params: { field: key },
      });
    } else if (access === 'read') {
      draft.issues.push({
        path: key,
        code: 'field.read_only',
        message: `"${key}" cannot be changed by you.`,
        params: { field: key },
      });
    } else given[key] = value;
  }
  const checked = createRecordValidator(entity)(given, write.operation, coerceEnv(write.ctx), {
    systemFields: write.systemFields,
  });
  // What is required is asked again after defaults and hooks, which may supply it.
  draft.issues.push(...checked.issues.filter((issue) => issue.code !== 'field.required' || given[issue.path] === null));
  assign(entity, draft, checked.values as RecordData);
}

/** Defaults of fields that were not given; only on create. */
export function applyDefaults(write: Write, draft: Draft): void {
  const values: RecordData = {};
  for (const field of write.entity.fields.values()) {
    if (field.system || field.retired || draft.next[field.key] !== undefined || draft.links.has(field.key)) continue;
    if (field.default !== undefined) values[field.key] = structuredClone(field.default) as Json;
  }
  assign(write.entity, draft, values);
  applyCurrencies(write, draft);
}

/** An amount without a currency is in the workspace's. */
export function applyCurrencies(write: Write, draft: Draft): void {
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
  const batch = (): HookBatch<RecordData> => ({
    entity: entity.id,
    operation,
    rows: live.map((draft) => ({ id: draft.id, old: draft.old, next: draft.next, changed: draft.changed })),
  });
  await deps.hooks.run(ctx, 'before', batch(), (patches) => {
    patches.forEach((patch, i) => patch && assign(entity, live[i], patch as RecordData));
    return batch();
  });
}

/** After hooks over what was written. */
export async function runAfterHooks(write: Write, drafts: readonly Draft[]): Promise<void> {
  const { deps, ctx, entity, operation } = write;
  if (drafts.length === 0 || !deps.hooks.has(entity.id, 'after', operation)) return;
  const batch = {
    entity: entity.id,
    operation,
    rows: drafts.map((draft) => ({ id: draft.id, old: draft.old, next: draft.next, changed: draft.changed })),
  };
  await deps.hooks.run(ctx, 'after', batch, () => batch);
}

/** Required fields, the owner, and the rules of the entity. */
export async function checkDrafts(write: Write, drafts: readonly Draft[]): Promise<void> {
  for (const draft of drafts) {
    for (const field of write.entity.fields.values()) {
      if (!field.required || field.system || field.retired) continue;
      if (write.operation === 'update' && !draft.changed.has(field.key)) continue;
      const value = draft.next[field.key];
      if (isBlank(value) && !draft.links.has(field.key) && !draft.issues.some((issue) => issue.path === field.key)) {
        draft.issues.push({
          path: field.key,
          code: 'field.required',
          message: `${field.title} must be filled in.`,
          params: { field: field.key },
        });
      }
    }
    checkOwner(write, draft);
  }
  await checkRules(write, drafts);
}

/** Who may write only what it owns may not give records away, nor make them for others. */
function checkOwner(write: Write, draft: Draft): void {
  const { rows } = write.scope;
  if (write.entity.ownership === 'none' || rows.kind !== 'owned' || !draft.changed.has('ownerId')) return;
  const owner = (draft.next.ownerId as { id?: string } | null)?.id;
  if (owner !== undefined && rows.principals.includes(owner)) return;
  draft.issues.push({
    path: 'ownerId',
    code: 'access.owner',
    message: 'You may not give this record to someone else.',
    params: { field: 'ownerId' },
  });
}

function isBlank(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
