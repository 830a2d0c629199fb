import type { Catalog } from '../catalog/index.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import { hasLinkConditions } from './conditions.js';
import { compileInsert, type InsertedRow } from './insert.js';
import { needsScopeCheck } from './new-rows.js';
import { checkDrafts } from './prepare.js';
import { hasLinkRules } from './rules.js';
import type { RecordsDeps, WholeWrite } from './transaction.js';
import { draftOf, startWrite } from './write.js';

/**
 * The short way of a create: where no hook, no to-many link and no rule over links needs a transaction of its own, the row, its
 * event and the answer are one statement. Null: take the long way, which also tells every refusal.
 */
export async function compileCreate(
  deps: RecordsDeps,
  ctx: Ctx,
  catalog: Catalog,
  input: { entity: string; values: RecordData },
): Promise<WholeWrite<{ body: string; version: number; id: string }> | null> {
  const { access, hooks } = deps;
  if (!access.may(ctx, catalog, input.entity, 'read') || !access.may(ctx, catalog, input.entity, 'create')) return null;
  const write = startWrite(deps, ctx, catalog, input.entity, 'create', { systemFields: false, withData: true });
  const { entity } = write;
  if (hooks.has(entity.id, 'before', 'create') || hooks.has(entity.id, 'after', 'create')) return null;
  if (hasLinkRules(write) || hasLinkConditions(entity)) return null;
  const draft = draftOf(write, input.values, 0, false);
  await checkDrafts(write, [draft]);
  if (draft.issues.length > 0 || draft.links.size > 0 || draft.lines.size > 0 || needsScopeCheck(write, draft))
    return null;
  return {
    ...compileInsert(write, [draft], { withData: true, isWhole: true }),
    finish: ([row]) => {
      const { id, version, data } = row as unknown as Partial<InsertedRow>;
      return typeof data === 'string' && id !== undefined ? { id, version: Number(version), body: data } : null;
    },
  };
}
