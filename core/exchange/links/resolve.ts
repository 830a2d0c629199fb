import type { Access } from '../../access/index.js';
import type { Catalog } from '../../catalog/index.js';
import type { Ctx, Json } from '../../sdk/index.js';
import type { ConvertedRow, LinkRef } from '../convert/row.js';
import type { Found, Run } from './lookup.js';
import { lookup, targetsOfLink } from './lookup.js';

/** A reference of a row whose target is not there (yet). */
export interface PendingRef {
  readonly row: number;
  readonly field: string;
  readonly matchBy: string;
  readonly value: string;
}

export interface ResolveInput {
  readonly rows: readonly ConvertedRow[];
  /** Owner of rows whose owner is unknown. */
  readonly fallbackOwner: string | null;
}

/** System fields that name users: an unknown one is replaced or left out, never kept for later. */
const USERS = new Set(['ownerId', 'createdBy', 'updatedBy']);

/**
 * Fills the links of rows in, one lookup a field and entity for all rows together, and returns what was not found.
 * A row whose required link is missing or ambiguous gets a problem.
 */
export async function resolveLinks(
  deps: { access: Access },
  ctx: Ctx,
  catalog: Catalog,
  run: Run,
  input: ResolveInput,
): Promise<PendingRef[]> {
  const found = await lookupAll(deps.access, ctx, catalog, run, input.rows);
  const pending: PendingRef[] = [];
  for (const row of input.rows) {
    const many = new Map<string, Json[]>();
    for (const ref of row.links) {
      const hits = (found.get(groupOf(ref))?.get(keyOf(ref)) ?? []).filter(
        (hit) => ref.entity === undefined || hit.entity === ref.entity,
      );
      const hit = hits.find((one) => one.entity === ref.field.to[0]) ?? hits[0];
      const distinct = new Set(hits.map((one) => one.id)).size;
      if (hit === undefined) absent(row, ref, input, pending);
      else if (distinct > 1) complain(row, ref, 'link.ambiguous', `"${short(ref.value)}" names ${distinct} records.`);
      else if (ref.field.kind.relation === 'many')
        many.set(ref.field.key, [...(many.get(ref.field.key) ?? []), { id: hit.id, label: ref.label ?? null }]);
      else row.values[ref.field.key] = ref.field.kind.relation === 'any' ? { entity: hit.entity, id: hit.id } : hit.id;
    }
    for (const [field, items] of many) row.values[field] = items;
  }
  return pending;
}

function absent(row: ConvertedRow, ref: LinkRef, input: ResolveInput, pending: PendingRef[]): void {
  const { field } = ref;
  if (field.key === 'ownerId') {
    if (input.fallbackOwner !== null) row.values.ownerId = input.fallbackOwner;
    warn(row, ref, 'user.unknown', `Owner "${short(ref.value)}" is unknown; the record goes to the chosen owner.`);
  } else if (USERS.has(field.key)) {
    warn(row, ref, 'user.unknown', `User "${short(ref.value)}" is unknown.`);
  } else if (field.required) {
    complain(row, ref, 'link.not_found', `There is no record "${short(ref.value)}" for ${field.title}.`);
  } else {
    pending.push({ row: row.number, field: field.key, matchBy: ref.matchBy, value: ref.value });
    warn(row, ref, 'link.pending', `"${short(ref.value)}" does not exist yet; the link is kept and set when it comes.`);
  }
}

async function lookupAll(
  access: Access,
  ctx: Ctx,
  catalog: Catalog,
  run: Run,
  rows: readonly ConvertedRow[],
): Promise<Map<string, Map<string, Found[]>>> {
  const groups = new Map<string, { ref: LinkRef; values: Set<string> }>();
  for (const row of rows) {
    for (const ref of row.links) {
      const key = groupOf(ref);
      const group = groups.get(key) ?? { ref, values: new Set<string>() };
      groups.set(key, group);
      group.values.add(keyOf(ref));
    }
  }
  const out = new Map<string, Map<string, Found[]>>();
  for (const [key, { ref, values }] of groups) {
    out.set(
      key,
      await lookup(access, ctx, catalog, run, {
        entities: targetsOfLink(catalog, ref.field),
        matchBy: ref.matchBy,
        values: [...values],
      }),
    );
  }
  return out;
}

const groupOf = (ref: LinkRef): string => `${ref.field.key} ${ref.matchBy}`;

/** The text as the target's field stores it. */
function keyOf(ref: LinkRef): string {
  return ref.matchBy === 'id' || ref.matchBy === 'email' ? ref.value.toLowerCase() : ref.value;
}

function complain(row: ConvertedRow, ref: LinkRef, code: string, message: string): void {
  row.problems.push({
    row: row.number,
    column: ref.column,
    field: ref.field.key,
    code,
    message,
    params: { value: short(ref.value) },
    severity: ref.field.required ? 'error' : 'warning',
  });
}

function warn(row: ConvertedRow, ref: LinkRef, code: string, message: string): void {
  row.problems.push({
    row: row.number,
    column: ref.column,
    field: ref.field.key,
    code,
    message,
    params: { value: short(ref.value) },
    severity: 'warning',
  });
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
