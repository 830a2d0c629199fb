import fc from 'fast-check';
import { checkExpression, evaluate, toJson, type ExprType } from '../../core/expression/index.js';
import { valuesEnv, type EntityModel, type SchemaModel } from '../../core/schema/index.js';
import { anyExpression, anyRow, ids, scope } from './expression-arbitrary.js';

/** Formulas of the plugin `diff`: random ones over the deal, others over those, and over formulas of the linked company. */
export function formulaFields(seed: number, count: number): Record<string, Record<string, unknown>> {
  const fields: Record<string, Record<string, unknown>> = {};
  const byType = new Map<string, string[]>();
  const add = (expression: string, returns: string): void => {
    const key = `f${Object.keys(fields).length}`;
    fields[key] = { 'x-field': { kind: 'formula', returns, expression } };
    byType.set(returns, [...(byType.get(returns) ?? []), key]);
  };
  for (const source of fc.sample(anyExpression, { seed, numRuns: count * 4 })) {
    if (Object.keys(fields).length >= count) break;
    const returns = returnsOf(source);
    if (returns !== null) add(source, returns);
  }
  const of = (returns: string, i: number): string => {
    const keys = byType.get(returns) as string[];
    return keys[i % keys.length];
  };
  for (const via of ['company', 'owner']) {
    add(`${via}.third + score`, 'decimal');
    add(`IF(${via}.isBare, ${via}.label, 'none')`, 'longText');
    add(`!${via}.isBare`, 'boolean');
    add(`${via}.parent.third`, 'decimal');
    add(`CONCAT(${via}.parent.parent.label, '/', ${via}.label)`, 'longText');
  }
  for (let i = 0; i < count / 2; i++) {
    add(`${of('decimal', i)} * 2 + COALESCE(${of('decimal', i + 1)}, 1)`, 'decimal');
    add(`CONCAT(${of('longText', i)}, '|', ${of('decimal', i)}, '|', ${of('boolean', i)})`, 'longText');
    add(`${of('boolean', i)} || ISBLANK(${of('longText', i)}) && ${of('decimal', i)} > rate`, 'boolean');
    add(`IF(${of('boolean', i)}, ${of('date', i)}, closeDate)`, 'date');
    add(`${of('decimal', i)} / ${of('decimal', i + 2)}`, 'percent');
  }
  return fields;
}

/** Formulas of the company: over its own fields and its parent's. */
export const companyFormulas: Record<string, Record<string, unknown>> = {
  third: { 'x-field': { kind: 'formula', returns: 'decimal', expression: 'size / 3', scale: 4 } },
  label: { 'x-field': { kind: 'formula', returns: 'longText', expression: "CONCAT(name, '#', third)" } },
  isBare: { 'x-field': { kind: 'formula', returns: 'boolean', expression: 'ISBLANK(name)' } },
};

/** Rows for the deal as they may be written; null where one has no place for a value. */
export function dealRows(seed: number, count: number): Record<string, unknown>[] {
  return fc
    .sample(anyRow, { seed, numRuns: count })
    .map(({ createdAt: _, company, owner, team, tags, address, ...same }) => ({
      ...same,
      company: company?.id ?? null,
      owner: owner?.id ?? null,
      team: (team ?? []).map(({ id }) => id),
      tags: (tags ?? []).filter((tag) => tag.trim() !== ''),
      address: address?.city ? address : null,
    }));
}

export { ids };

/** Where a record as the server answers it differs from what JavaScript makes of its fields; null: nowhere. */
export function firstDifference(
  schema: SchemaModel,
  entity: EntityModel,
  record: Record<string, unknown>,
  companies: ReadonlyMap<string, Record<string, unknown>>,
  moment: { now: Date; zone: string; me: string | null },
): string | null {
  const linked = (value: unknown, depth: number): unknown => {
    const found = companies.get(String((value as { id?: string } | null)?.id));
    return found && depth > 0 ? { ...found, parent: linked(found.parent, depth - 1) } : null;
  };
  const full = { ...record, company: linked(record.company, 3), owner: linked(record.owner, 3) };
  const env = valuesEnv(schema, entity, full, moment);
  for (const { key, formula } of entity.fields.values()) {
    if (!formula) continue;
    const js = toJson(evaluate(formula.expression, env));
    const sql = record[key];
    // Longer numbers than JSON keeps are told as text; both are the same double.
    const same = typeof sql === 'number' ? Number(js) === sql && js !== null : js === sql;
    if (!same)
      return `JavaScript says ${JSON.stringify(js)}, SQL says ${JSON.stringify(sql)}, of ${key} = ${formula.expression.source}\n${JSON.stringify(full)}`;
  }
  return null;
}

const kinds: Readonly<Partial<Record<ExprType['t'], string>>> = {
  number: 'decimal',
  text: 'longText',
  boolean: 'boolean',
  date: 'date',
  dateTime: 'dateTime',
};

/** The kind that a random expression can return, null where it asks for the moment or is none. */
function returnsOf(source: string): string | null {
  if (/NOW\(|TODAY\(|ME\(/.test(source)) return null;
  try {
    return kinds[checkExpression(source, scope).type.t] ?? null;
  } catch {
    return null;
  }
}
