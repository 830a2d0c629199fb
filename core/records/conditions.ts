import type { EntityModel, FieldCondition, FieldModel } from '../schema/index.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import type { Draft } from './draft.js';
import type { Write } from './prepare.js';
import { withoutHiddenLinks } from './hidden-links.js';
import { holdFor, nextOf } from './values.js';

/** True where some field of the entity is shown, required or kept from changes by a condition. */
export function hasConditions(entity: EntityModel): boolean {
  return conditionalFields(entity).length > 0;
}

/** True where a condition can only be judged inside a transaction, by the database. */
export function hasLinkConditions(entity: EntityModel): boolean {
  return conditionalFields(entity).some(({ conditions }) =>
    [conditions?.show, conditions?.require, conditions?.readOnly].some((condition) => condition?.followsLinks === true),
  );
}

/** Refuses changes of fields whose `readOnlyWhen` holds for the record as it stands. Asked before hooks, which may change them. */
export async function checkReadOnly(write: Write<Ctx>, drafts: readonly Draft[]): Promise<void> {
  const asked = conditionalFields(write.entity).flatMap((field) => {
    const condition = field.conditions?.readOnly;
    if (!condition) return [];
    return drafts.flatMap((draft) =>
      draft.old !== null && draft.changed.has(field.key) ? [{ draft, field, ...ask(condition, draft.old) }] : [],
    );
  });
  if (asked.length === 0) return;
  const held = await holdFor(write, asked);
  asked.forEach(({ draft, field }, i) => {
    if (!held[i]) return;
    draft.issues.push({
      path: field.key,
      code: 'field.read_only',
      message: `${field.title} cannot be changed any more.`,
      params: { field: field.key },
    });
  });
}

/**
 * Which fields are to be asked for: those that are required, always or by `requireWhen`, and shown. On update only where the
 * field, or what its condition reads, changes: what was left open earlier holds nobody up later.
 */
export async function requiredFields(write: Write<Ctx>, drafts: readonly Draft[]): Promise<Map<Draft, Required[]>> {
  const found = new Map<Draft, Required[]>(drafts.map((draft) => [draft, []]));
  const records = hasLinkConditions(write.entity) ? await withoutHiddenLinks(write, drafts) : null;
  const asked: {
    draft: Draft;
    field: FieldModel;
    name: 'show' | 'require';
    record: RecordData;
    condition: FieldCondition;
  }[] = [];
  for (const field of write.entity.fields.values()) {
    if (field.system || field.retired || !(field.required || field.conditions?.require)) continue;
    for (const draft of drafts) {
      if (write.operation === 'update' && !touches(write.entity, field, draft)) continue;
      if (field.required) found.get(draft)?.push({ field, code: 'field.required' });
      for (const name of ['show', 'require'] as const) {
        const condition = field.conditions?.[name];
        if (condition)
          asked.push({ draft, field, name, record: records?.get(draft) ?? nextOf(write, draft), condition });
      }
    }
  }
  if (asked.length === 0) return found;
  const held = await holdFor(
    write,
    asked.map(({ record, condition }) => ask(condition, record)),
  );
  asked.forEach(({ draft, field, name }, i) => {
    if (name === 'require' && held[i] && !field.required) found.get(draft)?.push({ field, code: 'record.required' });
  });
  asked.forEach(({ draft, field, name }, i) => {
    if (name === 'show' && !held[i])
      found.set(
        draft,
        (found.get(draft) ?? []).filter((required) => required.field !== field),
      );
  });
  return found;
}

export interface Required {
  readonly field: FieldModel;
  /** `field.required`: always; `record.required`: because of what the record holds. */
  readonly code: 'field.required' | 'record.required';
}

function ask(condition: FieldCondition, record: RecordData) {
  return { record, expression: condition.expression, followsLinks: condition.followsLinks };
}

function touches(entity: EntityModel, field: FieldModel, draft: Draft): boolean {
  if (draft.changed.has(field.key)) return true;
  const { show, require } = field.conditions ?? {};
  const inputs = [show, require].flatMap((condition) =>
    condition ? inputsOf(entity, condition.expression.paths) : [],
  );
  return inputs.some((key) => draft.changed.has(key));
}

/** Own fields that paths read, those of formulas in between too. */
function inputsOf(entity: EntityModel, paths: readonly (readonly string[])[]): string[] {
  return paths.flatMap(([key]) => {
    const formula = entity.fields.get(key)?.formula;
    return formula ? inputsOf(entity, formula.expression.paths) : [key];
  });
}

const conditional = new WeakMap<EntityModel, readonly FieldModel[]>();

function conditionalFields(entity: EntityModel): readonly FieldModel[] {
  let fields = conditional.get(entity);
  if (!fields) {
    fields = [...entity.fields.values()].filter((field) => field.conditions && !field.retired);
    conditional.set(entity, fields);
  }
  return fields;
}
