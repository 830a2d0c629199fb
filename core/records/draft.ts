import { isDeepStrictEqual } from 'node:util';
import type { Issue } from '../base/errors.js';
import type { EntityModel, FieldModel, LinesWrite } from '../schema/index.js';
import type { Json, RecordData } from '../sdk/index.js';

/** A to-many link as written: what is added (with labels) and what is taken away, or all of it anew. */
export interface LinksPatch {
  readonly set?: readonly { readonly id: string; readonly label?: string | null }[];
  readonly add?: readonly { readonly id: string; readonly label?: string | null }[];
  readonly remove?: readonly string[];
}

/** One record on its way through the pipeline. Values are in canonical API form; links as `{id,title}`, like records are read. */
export interface Draft {
  /** Place in the caller's order. */
  readonly row: number;
  readonly id: string;
  readonly old: RecordData | null;
  /** The version that stands in the table; 0 on create. */
  readonly version: number;
  next: RecordData;
  /** Keys whose value differs from the old one. */
  changed: Set<string>;
  readonly links: Map<string, LinksPatch>;
  readonly lines: Map<string, LinesWrite>;
  /** Keys that the caller gave; the others come from defaults and hooks. */
  asked: ReadonlySet<string>;
  readonly issues: Issue[];
}

/** The part of a value that is stored and compared: a link's id, an any-link's entity and id, anything else as it is. */
export function stored(field: FieldModel, value: Json | undefined): Json {
  if (value === undefined || value === null) return null;
  if (field.kind.relation === 'one')
    return typeof value === 'object' && !Array.isArray(value) ? (value.id ?? null) : value;
  if (field.kind.relation === 'any' && typeof value === 'object' && !Array.isArray(value))
    return { entity: value.entity, id: value.id };
  return value;
}

/** True where both stand for the same stored value; the order of an object's keys does not matter. */
export function sameStored(field: FieldModel, a: Json | undefined, b: Json | undefined): boolean {
  const [left, right] = [stored(field, a), stored(field, b)];
  return left === right || (typeof left === 'object' && isDeepStrictEqual(left, right));
}

/** Lays values over a draft and notes what changed; to-many links are kept apart. Unknown keys are the caller's fault. */
export function assign(entity: EntityModel, draft: Draft, values: RecordData): void {
  const next = { ...draft.next };
  for (const [key, value] of Object.entries(values)) {
    const field = entity.fields.get(key);
    if (!field || value === undefined || field.formula || field.rollup) continue;
    if (field.lines) {
      draft.lines.set(key, (value ?? []) as LinesWrite);
      draft.changed.add(key);
      continue;
    }
    if (field.kind.relation === 'many') {
      draft.links.set(key, linksPatch(value));
      draft.changed.add(key);
      continue;
    }
    next[key] = shown(field, value);
    const differs = draft.old === null ? value !== null : !sameStored(field, draft.old[key], value);
    if (differs) draft.changed.add(key);
    else draft.changed.delete(key);
  }
  draft.next = next;
}

function shown(field: FieldModel, value: Json): Json {
  return field.kind.relation === 'one' && typeof value === 'string' ? { id: value, title: null } : value;
}

function linksPatch(value: Json): LinksPatch {
  if (value === null) return { set: [] };
  if (Array.isArray(value)) return { set: value.map(linkItem) };
  const { add, remove, set } = value as { add?: Json[]; remove?: Json[]; set?: Json[] };
  return {
    ...(set && { set: set.map(linkItem) }),
    ...(add && { add: add.map(linkItem) }),
    ...(remove && { remove: remove.map((item) => linkItem(item).id) }),
  };
}

function linkItem(item: Json): { id: string; label?: string | null } {
  return typeof item === 'string' ? { id: item } : (item as { id: string; label?: string | null });
}
