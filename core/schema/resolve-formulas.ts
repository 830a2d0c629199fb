import { isTrellisError } from '../base/errors.js';
import {
  checkExpression,
  compileSql,
  contextUse,
  fitNumber,
  inlineParam,
  isImmutable,
  nodeCount,
  type CheckedExpression,
} from '../expression/index.js';
import { amountCurrency } from './amount-currency.js';
import { exprScope } from './expr-scope.js';
import type { FieldKind } from './kinds/kind.js';
import { returnedKind } from './kinds/returned.js';
import type { EntityModel, FieldModel, FieldRef, FormulaModel, SchemaModel } from './model.js';
import { quoteName } from './names.js';
import { fieldsOfKind, nameOf, type FieldReport } from './fields-of-kind.js';

/** Nodes of a formula with the formulas that it uses written out: what one reading of it costs at most. */
const nodesAtMost = 3_000;
/** Places of a number where the formula names none: those of a quotient. */
const mostPlaces = 12;

interface Sized {
  readonly model: FormulaModel;
  readonly size: number;
  readonly row: RowSql;
}

type RowSql = { readonly sql: string } | { readonly why: string };

/** Checks all formulas, those first that others use. Refuses cycles, naming the way round. */
export function resolveFormulas(schema: SchemaModel, report: FieldReport): Map<FieldModel, FieldModel | null> {
  const checked = new Map<FieldModel, CheckedExpression | null>();
  for (const field of fieldsOfKind(schema, 'formula')) checked.set(field, check(schema, field, report));
  const done = new Map<FieldModel, Sized | null>();
  const resolve = (field: FieldModel, path: readonly FieldModel[]): Sized | null => {
    const known = done.get(field);
    if (known !== undefined) return known;
    const expression = checked.get(field) ?? null;
    if (expression === null) return null;
    if (path.includes(field)) {
      const round = [...path.slice(path.indexOf(field)), field].map(nameOf).join(' → ');
      for (const each of path.slice(path.indexOf(field))) {
        if (!done.has(each))
          report(each, '/x-field/expression', 'formula.cycle', `the formula depends on itself: ${round}`);
        done.set(each, null);
      }
      return null;
    }
    const made = makeFormula(schema, field, expression, report, (used) => resolve(used, [...path, field]));
    if (!done.has(field)) done.set(field, made);
    return done.get(field) ?? null;
  };
  const changes = new Map<FieldModel, FieldModel | null>();
  for (const field of checked.keys()) {
    const made = resolve(field, []);
    changes.set(field, made && { ...field, formula: made.model });
  }
  return changes;
}

function check(schema: SchemaModel, field: FieldModel, report: FieldReport): CheckedExpression | null {
  try {
    const returns = returnedKind(field.x.returns);
    const checked = checkExpression(
      String(field.x.expression),
      exprScope(schema, field.entity),
      returns.exprType(field),
    );
    const whole = returns.id === 'integer' || returns.id === 'duration';
    const scale = typeof field.x.scale === 'number' ? Math.min(field.x.scale, mostPlaces) : mostPlaces;
    const fitted = fitNumber(checked, whole ? 0 : scale);
    // Also tells a text that no statement can hold.
    compileSql(fitted, { now: new Date(0), zone: 'UTC', me: null, param: inlineParam, member: () => 'null' });
    return fitted;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code =
      isTrellisError(error) && error.code === 'expression.too_large'
        ? 'formula.too_large'
        : 'definition.bad_expression';
    report(field, '/x-field/expression', code, message);
    return null;
  }
}

function makeFormula(
  schema: SchemaModel,
  field: FieldModel,
  expression: CheckedExpression,
  report: FieldReport,
  resolve: (used: FieldModel) => Sized | null,
): Sized | null {
  const paths = expression.paths.map((path) => walkPath(schema, field.entity, path));
  const used = new Map<FieldModel, Sized>();
  for (const { fields } of paths) {
    for (const each of fields) {
      if (each.kind.id !== 'formula') continue;
      const sized = resolve(each);
      // Told where it stands.
      if (!sized) return null;
      used.set(each, sized);
    }
  }
  const size = nodeCount(expression, (path) =>
    walkPath(schema, field.entity, path).fields.reduce((sum, each) => sum + (used.get(each)?.size ?? 1), 0),
  );
  if (size > nodesAtMost) {
    report(
      field,
      '/x-field/expression',
      'formula.too_large',
      `with the formulas that it uses written out it has ${size} parts; ${nodesAtMost} are the most`,
    );
    return null;
  }
  const models = [...used.values()].map(({ model }) => model);
  const { now, zone, me } = contextUse(expression);
  const entity = schema.entities.get(field.entity) as EntityModel;
  const base = {
    returns: returnedKind(field.x.returns),
    expression,
    systemComputed: field.x.systemComputed === true,
    reads: dedupe(paths.flatMap(({ refs }) => refs)),
    followsLinks: paths.some(({ isForeign }) => isForeign) || models.some((model) => model.followsLinks),
    readsChildren:
      paths.some(({ fields }) => fields.some((each) => each.rollup !== undefined || each.lines !== undefined)) ||
      models.some((model) => model.readsChildren),
    isPure: !now && !zone && !me,
    ...currencyOf(entity, expression, used),
  };
  const row = rowOf(entity, expression, used);
  return { model: { ...base, indexSql: indexOf(field, base.returns, row, report) }, size, row };
}

function indexOf(field: FieldModel, returns: FieldKind, row: RowSql, report: FieldReport): string | null {
  if (field.index !== true) return null;
  const why =
    returns.exprType(field).t === 'text'
      ? 'an index entry may be too short for its text'
      : 'why' in row
        ? row.why
        : null;
  if (why === null) return 'sql' in row ? row.sql : null;
  report(field, '/x-field/index', 'formula.no_index', `this formula cannot be indexed: ${why}`);
  return null;
}

/** The fields along a path. `isForeign`: it leaves the record. */
export function walkPath(
  schema: SchemaModel,
  entity: string,
  path: readonly string[],
): { fields: FieldModel[]; refs: FieldRef[]; isForeign: boolean } {
  let entities = [entity];
  const fields: FieldModel[] = [];
  let isForeign = false;
  for (const [i, key] of path.entries()) {
    const found = entities.flatMap((id) => schema.entities.get(id)?.fields.get(key) ?? []);
    if (found.length === 0) break;
    fields.push(...found);
    isForeign ||= i > 0;
    entities = found.flatMap((each) => each.to);
    // A link to anything: which entities it may lead to is not known here, and only what all have can be asked.
    if (entities.includes('*')) entities = [...schema.entities.keys()];
    if (found.every((each) => each.kind.relation === undefined)) break;
  }
  return { fields, refs: fields.map((each) => ({ entity: each.entity, field: each.key })), isForeign };
}

function dedupe(refs: readonly FieldRef[]): FieldRef[] {
  return [...new Map(refs.map((ref) => [`${ref.entity}/${ref.field}`, ref])).values()];
}

/** The amount whose currency the result has: the first that the text names on the record itself, in another formula's words too. */
function currencyOf(
  entity: EntityModel,
  expression: CheckedExpression,
  used: ReadonlyMap<FieldModel, Sized>,
): { currencyOf?: string } {
  for (const path of expression.paths) {
    const field = path.length === 1 ? entity.fields.get(path[0]) : undefined;
    const formula = field && used.get(field)?.model;
    const key = formula ? formula.currencyOf : field && amountCurrency(field) !== null ? field.key : undefined;
    if (key !== undefined) return { currencyOf: key };
  }
  return {};
}

/** SQL of the result over the table's name, for an index, or why there can be none. */
function rowOf(entity: EntityModel, expression: CheckedExpression, used: ReadonlyMap<FieldModel, Sized>): RowSql {
  if (!isImmutable(expression)) return { why: 'its result may change with the time, the zone, the user or a setting' };
  for (const [key] of expression.paths) {
    const field = entity.fields.get(key) as FieldModel;
    const inner = used.get(field)?.row;
    if (inner && 'why' in inner) return inner;
    if (!inner && field.kind.columns(field).length === 0) return { why: `"${key}" is not kept in the record` };
    if (field.kind.relation !== undefined) return { why: `"${key}" leads to other records` };
  }
  const alias = quoteName(entity.tableName);
  const sql = compileSql(expression, {
    now: new Date(0),
    zone: 'UTC',
    me: null,
    param: inlineParam,
    member: ([key, ...rest]) => {
      const field = entity.fields.get(key) as FieldModel;
      const inner = used.get(field)?.row;
      return inner && 'sql' in inner ? inner.sql : field.kind.exprSql(field, alias, rest);
    },
  });
  return { sql: `(${sql})` };
}
