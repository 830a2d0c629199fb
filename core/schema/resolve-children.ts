import { didYouMean } from '../base/suggest.js';
import { checkExpression, contextUse, type CheckedExpression } from '../expression/index.js';
import { rollupCurrency } from './amount-currency.js';
import { exprScope } from './expr-scope.js';
import { currencyKey } from './kinds/currency.js';
import { kindOf } from './kinds/index.js';
import type { FieldKind } from './kinds/kind.js';
import type { EntityModel, FieldModel, FieldRef, RollupModel, SchemaModel } from './model.js';
import { fieldsOfKind, nameOf, type FieldReport } from './fields-of-kind.js';

type Changes = Map<FieldModel, FieldModel | readonly FieldModel[] | null>;

/** Lines find their child: the entity whose link names the inverse `of`, and goes with its parent when that is deleted. */
export function resolveLines(schema: SchemaModel, report: FieldReport): Changes {
  const changes: Changes = new Map();
  for (const field of fieldsOfKind(schema, 'lines')) {
    const found = childOf(schema, field, report);
    changes.set(field, null);
    if (!found) continue;
    const { child, link } = found;
    if (link.onDelete !== 'cascade') {
      report(
        field,
        '/x-field/of',
        'definition.lines_stay',
        `lines go with their record: the link "${child.id}/${link.key}" must say "onDelete": "cascade"`,
      );
      continue;
    }
    const position = child.fields.get('position');
    const lines = {
      entity: child.id,
      link: link.key,
      ...(position?.kind.id === 'integer' && !position.retired ? { position: position.key } : {}),
    };
    changes.set(field, { ...field, lines });
  }
  return changes;
}

/** Rollups find their children and the kind of their result; those over other rollups come after these. Amounts get their currency. */
export function resolveRollups(schema: SchemaModel, report: FieldReport): Changes {
  const changes: Changes = new Map();
  const done = new Map<FieldModel, RollupModel | null>();
  const resolve = (field: FieldModel, path: readonly FieldModel[]): RollupModel | null => {
    const known = done.get(field);
    if (known !== undefined) return known;
    if (path.includes(field)) {
      report(
        field,
        '/x-field/field',
        'rollup.cycle',
        `the rollup depends on itself: ${[...path.slice(path.indexOf(field)), field].map(nameOf).join(' → ')}`,
      );
      return null;
    }
    const model = resolveRollup(schema, field, report, (inner) => resolve(inner, [...path, field])?.returns ?? null);
    done.set(field, model);
    return model;
  };
  for (const field of fieldsOfKind(schema, 'rollup')) {
    const rollup = resolve(field, []);
    changes.set(field, rollup && withCurrency(schema, { ...field, rollup }));
  }
  return changes;
}

/** A rollup of amounts and the currency beside it, where the key of that is not a field of the author's own. */
function withCurrency(schema: SchemaModel, field: FieldModel & { rollup: RollupModel }): readonly FieldModel[] {
  const { rollup } = field;
  const child = schema.entities.get(rollup.entity);
  const source = child?.fields.get(rollup.field ?? '');
  const isKnown = source !== undefined && !(source.kind.id === 'rollup' && hasOwnCurrency(schema, source));
  const of = isKnown ? { entity: source.entity, field: currencyKey(source.key) } : null;
  const currency = rollupCurrency(field, of);
  if (currency === null) return [field];
  return hasOwnCurrency(schema, field)
    ? [{ ...field, rollup: { ...rollup, isCurrencyTaken: true } }]
    : [field, currency];
}

/** Currencies of rollups are made later: what has such a key now was written by somebody. */
function hasOwnCurrency(schema: SchemaModel, field: FieldModel): boolean {
  return schema.entities.get(field.entity)?.fields.has(currencyKey(field.key)) === true;
}

function childOf(
  schema: SchemaModel,
  field: FieldModel,
  report: FieldReport,
): { child: EntityModel; link: FieldModel } | null {
  const inverses = schema.entities.get(field.entity)?.inverses ?? [];
  const of = String(field.x.of);
  const inverse = inverses.find((candidate) => candidate.key === of);
  const child = inverse && schema.entities.get(inverse.entity);
  const link = child?.fields.get(inverse?.field ?? '');
  if (!child || !link) {
    const keys = inverses.map((candidate) => candidate.key);
    report(
      field,
      '/x-field/of',
      'definition.unknown_related',
      `there is no related list "${of}".${didYouMean(of, keys)} A link of another entity that names it as its "inverse" makes one.`,
    );
    return null;
  }
  if (link.kind.relation === 'one') return { child, link };
  report(
    field,
    '/x-field/of',
    'definition.not_to_one',
    `"${of}" comes from "${nameOf(link)}", which is of kind "${link.kind.id}"; a link to one record is needed`,
  );
  return null;
}

function resolveRollup(
  schema: SchemaModel,
  field: FieldModel,
  report: FieldReport,
  kindOfRollup: (field: FieldModel) => FieldKind | null,
): RollupModel | null {
  const found = childOf(schema, field, report);
  if (!found) return null;
  const { child, link } = found;
  const fn = field.x.fn as RollupModel['fn'];
  const source = sourceField(field, child, fn, report);
  if (source === null) return null;
  const filter = filterOf(schema, field, child, report);
  if (filter === null) return null;
  const returns = resultKind(field, fn, source, report, kindOfRollup);
  if (!returns) return null;
  const reads: FieldRef[] = [
    link.key,
    ...(source ? [source.key] : []),
    ...(filter?.paths ?? []).map(([key]) => key),
  ].map((key) => ({ entity: child.id, field: key }));
  return {
    entity: child.id,
    link: link.key,
    fn,
    ...(source ? { field: source.key } : {}),
    ...(filter ? { filter: filter.source, condition: filter } : {}),
    returns,
    money: returns.id === 'money',
    systemComputed: field.x.systemComputed === true,
    reads,
  };
}

/** The field computed of; undefined for count; null: told. */
function sourceField(
  field: FieldModel,
  child: EntityModel,
  fn: RollupModel['fn'],
  report: FieldReport,
): FieldModel | undefined | null {
  const key = field.x.field;
  if (fn === 'count') {
    if (key === undefined) return undefined;
    report(field, '/x-field/field', 'rollup.field_unused', 'a count counts records: leave "field" out');
    return null;
  }
  const source = typeof key === 'string' ? child.fields.get(key) : undefined;
  if (source && !source.retired) return source;
  report(
    field,
    '/x-field/field',
    'definition.unknown_field',
    key === undefined
      ? `"${fn}" needs the field of ${child.title} to compute: "field"`
      : `${child.title} has no field "${String(key)}".${didYouMean(String(key), liveKeys(child))}`,
  );
  return null;
}

function liveKeys(entity: EntityModel): string[] {
  return [...entity.fields.values()].filter((field) => !field.retired).map((field) => field.key);
}

/** What triggers can judge: the child's own columns, no time and no user. Undefined: no filter; null: told. */
function filterOf(
  schema: SchemaModel,
  field: FieldModel,
  child: EntityModel,
  report: FieldReport,
): CheckedExpression | undefined | null {
  if (typeof field.x.filter !== 'string') return undefined;
  const refuse = (code: string, message: string): null => {
    report(field, '/x-field/filter', code, message);
    return null;
  };
  try {
    const checked = checkExpression(field.x.filter, exprScope(schema, child.id), { t: 'boolean' });
    const foreign = checked.paths.find(([key]) => {
      const read = child.fields.get(key);
      return read !== undefined && (read.kind.relation !== undefined || read.kind.columns(read).length === 0);
    });
    if (foreign)
      return refuse(
        'rollup.filter',
        `a rollup's filter may only read fields kept on ${child.title} itself, not "${foreign.join('.')}"`,
      );
    const { now, me, zone } = contextUse(checked);
    return now || me || zone
      ? refuse('rollup.filter', "a rollup's filter may not ask for the time, the zone or the user: its value is kept")
      : checked;
  } catch (error) {
    return refuse('definition.bad_expression', error instanceof Error ? error.message : String(error));
  }
}

function resultKind(
  field: FieldModel,
  fn: RollupModel['fn'],
  source: FieldModel | undefined,
  report: FieldReport,
  kindOfRollup: (field: FieldModel) => FieldKind | null,
): FieldKind | null {
  if (!source) return kindOf('integer');
  const kind = source.kind.id === 'rollup' ? kindOfRollup(source) : source.kind;
  if (!kind) return null;
  const isStored = source.kind.columns(source).length > 0;
  const name = isStored ? (results[fn][kind.id] ?? null) : null;
  if (name) return kindOf(name);
  report(
    field,
    '/x-field/field',
    'rollup.field_kind',
    isStored
      ? `"${fn}" of "${source.key}" is not possible: it is of kind "${kind.id}"`
      : `"${source.key}" is of kind "${kind.id}", which is not kept in the record; a rollup needs a field that is`,
  );
  return null;
}

const numbers = { integer: 'decimal', rating: 'decimal', decimal: 'decimal', money: 'money', percent: 'percent' };
const same = {
  integer: 'integer',
  rating: 'integer',
  decimal: 'decimal',
  money: 'money',
  percent: 'percent',
  duration: 'duration',
  date: 'date',
  dateTime: 'dateTime',
};

/** Kind of the field → kind of the result. */
const results: Readonly<Record<RollupModel['fn'], Readonly<Record<string, string>>>> = {
  count: {},
  sum: { ...numbers, duration: 'decimal' },
  avg: { ...numbers, duration: 'decimal' },
  min: same,
  max: same,
};
