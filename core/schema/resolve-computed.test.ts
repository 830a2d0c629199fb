import { evaluate, toJson } from '../expression/index.js';
import { buildSchema } from './build.js';
import type { DefinitionProblem } from './problem.js';
import { formulaValues, valuesEnv } from './record-values.js';
import type { FieldModel, SchemaModel } from './model.js';

type Fields = Readonly<Record<string, Record<string, unknown>>>;

function build(entities: Readonly<Record<string, Fields>>): { schema: SchemaModel; problems: DefinitionProblem[] } {
  const document = (id: string, fields: Fields) => ({
    $id: id,
    title: id,
    type: 'object',
    properties: {
      name: { 'x-field': { kind: 'text' } },
      ...Object.fromEntries(Object.entries(fields).map(([key, x]) => [key, { 'x-field': x }])),
    },
    'x-entity': { titleField: 'name', ownership: 'none' },
  });
  const all = { 'core.user': {}, 'core.attachment': {}, 'core.principal': {}, ...entities };
  return buildSchema(
    { entities: Object.entries(all).map(([id, fields]) => ({ id, document: document(id, fields) })) },
    (entity, field) => `${entity}/${field}`,
  );
}

const formula = (expression: string, returns = 'decimal', more = {}) => ({
  kind: 'formula',
  returns,
  expression,
  ...more,
});
const line = {
  parent: { kind: 'link', to: 'a.parent', inverse: 'lines', onDelete: 'cascade' },
  n: { kind: 'integer' },
};

function field(schema: SchemaModel, entity: string, key: string): FieldModel {
  return schema.entities.get(entity)?.fields.get(key) as FieldModel;
}

const codes = (problems: readonly DefinitionProblem[]): string[] =>
  problems.map(({ code, pointer }) => `${code} ${pointer}`);

describe('formulas', () => {
  it('knows what it reads, over links and other formulas', () => {
    const { schema, problems } = build({
      'a.parent': { n: { kind: 'integer' }, up: { kind: 'link', to: 'a.parent' }, twice: formula('n * 2') },
      'a.child': { parent: { kind: 'link', to: 'a.parent' }, total: formula('parent.up.twice + 1') },
    });
    expect(problems).toEqual([]);
    const { reads, followsLinks } = field(schema, 'a.child', 'total').formula!;
    expect(reads).toEqual([
      { entity: 'a.child', field: 'parent' },
      { entity: 'a.parent', field: 'up' },
      { entity: 'a.parent', field: 'twice' },
    ]);
    expect([followsLinks, field(schema, 'a.parent', 'twice').formula!.followsLinks]).toEqual([true, false]);
  });

  it('refuses a way round, over links too, and names it', () => {
    const { schema, problems } = build({
      'a.x': { other: { kind: 'link', to: 'a.y' }, p: formula('other.q + 1') },
      'a.y': { back: { kind: 'link', to: 'a.x' }, q: formula('back.p + 1'), self: formula('self') },
    });
    expect(codes(problems)).toEqual([
      'formula.cycle /properties/p/x-field/expression',
      'formula.cycle /properties/q/x-field/expression',
      'formula.cycle /properties/self/x-field/expression',
    ]);
    expect(problems[0].message).toContain('a.x.p → a.y.q → a.x.p');
    expect(field(schema, 'a.x', 'p')).toBeUndefined();
  });

  it.each([
    ['an unknown name', formula('nmae'), 'definition.bad_expression', 'name'],
    ['another type than it returns', formula("name + 'x'"), 'definition.bad_expression', 'number is needed'],
    ['an index that changes with the day', formula('TODAY()', 'date', { index: true }), 'formula.no_index', 'time'],
    ['an index over text', formula('name', 'text', { index: true }), 'formula.no_index', 'short'],
    ['a text that nothing can hold', formula("CONCAT(name, '\\u0000')", 'text'), 'definition.bad_expression', ''],
  ])('refuses %s', (_, x, code, words) => {
    const { problems } = build({ 'a.x': { p: x } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code });
    expect(problems[0].message).toContain(words);
  });

  it('refuses formulas that grow beyond measure when they are written out', () => {
    const fields: Record<string, Record<string, unknown>> = { n: { kind: 'integer' } };
    for (let i = 0; i < 30; i++) fields[`f${i}`] = formula(i === 0 ? 'n + n' : `f${i - 1} + f${i - 1}`);
    const { problems } = build({ 'a.x': fields });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0].code).toBe('formula.too_large');
  });

  it('computes in JavaScript: nested, null where an input is, rounded to its places, null beyond 15 digits', () => {
    const { schema } = build({
      'a.x': {
        n: { kind: 'decimal' },
        third: formula('n / 3', 'decimal', { scale: 2 }),
        nine: formula('third * 9'),
        huge: formula('n * n * n'),
        whole: formula('n / 2', 'integer'),
        day: formula("'2024-01-31'", 'date'),
      },
    });
    const values = (n: number | null) =>
      formulaValues(schema, schema.entities.get('a.x')!, { n }, { now: new Date(0), zone: 'UTC', me: null });
    expect(values(10)).toEqual({ third: 3.33, nine: 29.97, huge: 1000, whole: 5, day: '2024-01-31' });
    expect(values(null)).toEqual({ third: null, nine: null, huge: null, whole: null, day: '2024-01-31' });
    expect(values(999_999)).toMatchObject({ huge: null, whole: 500_000 });
  });

  it('follows links that carry their fields, and is null behind an empty one', () => {
    const { schema } = build({
      'a.parent': { n: { kind: 'integer' }, blank: formula('ISBLANK(n)', 'boolean') },
      'a.x': { parent: { kind: 'link', to: 'a.parent' }, isBlank: formula('parent.blank', 'boolean') },
    });
    const value = (parent: unknown): unknown => {
      const env = valuesEnv(
        schema,
        schema.entities.get('a.x')!,
        { parent },
        { now: new Date(0), zone: 'UTC', me: null },
      );
      return toJson(evaluate(field(schema, 'a.x', 'isBlank').formula!.expression, env));
    };
    expect([value({ id: '1', n: null }), value({ id: '1', n: 1 }), value(null)]).toEqual([true, false, null]);
  });
});

describe('rollups and lines', () => {
  it('find their children by the inverse', () => {
    const { schema, problems } = build({
      'a.parent': {
        lines: { kind: 'lines', of: 'items' },
        sum: { kind: 'rollup', of: 'items', fn: 'sum', field: 'n', filter: 'n > 3' },
        last: { kind: 'rollup', of: 'items', fn: 'max', field: 'day' },
      },
      'a.line': {
        ...line,
        parent: { ...line.parent, inverse: 'items' },
        day: { kind: 'date' },
        position: { kind: 'integer' },
      },
    });
    expect(problems).toEqual([]);
    expect(field(schema, 'a.parent', 'lines').lines).toEqual({
      entity: 'a.line',
      link: 'parent',
      position: 'position',
    });
    expect(field(schema, 'a.parent', 'sum').rollup).toMatchObject({
      entity: 'a.line',
      link: 'parent',
      filter: 'n > 3',
    });
    const last = field(schema, 'a.parent', 'last');
    expect([last.kind.exprType(last), last.kind.columns(last)]).toEqual([
      { t: 'date' },
      [{ name: 'last', type: 'date' }],
    ]);
  });

  it.each([
    ['no such list', { kind: 'rollup', of: 'linse', fn: 'count' }, 'definition.unknown_related'],
    ['a field for a count', { kind: 'rollup', of: 'lines', fn: 'count', field: 'n' }, 'rollup.field_unused'],
    ['no field for a sum', { kind: 'rollup', of: 'lines', fn: 'sum' }, 'definition.unknown_field'],
    ['a sum of texts', { kind: 'rollup', of: 'lines', fn: 'sum', field: 'name' }, 'rollup.field_kind'],
    ['a sum of what is not kept', { kind: 'rollup', of: 'lines', fn: 'sum', field: 'twice' }, 'rollup.field_kind'],
    [
      'a filter over links',
      { kind: 'rollup', of: 'lines', fn: 'count', filter: "parent.name == 'x'" },
      'rollup.filter',
    ],
    ['a filter over formulas', { kind: 'rollup', of: 'lines', fn: 'count', filter: 'twice > 1' }, 'rollup.filter'],
    [
      'a filter over today',
      { kind: 'rollup', of: 'lines', fn: 'count', filter: 'DATE(createdAt) == TODAY()' },
      'rollup.filter',
    ],
    ['lines of nothing', { kind: 'lines', of: 'linse' }, 'definition.unknown_related'],
  ])('refuse %s', (_, x, code) => {
    const { problems } = build({ 'a.parent': { p: x }, 'a.line': { ...line, twice: formula('n * 2') } });
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  it('refuse lines that would be left behind', () => {
    const { problems } = build({
      'a.parent': { p: { kind: 'lines', of: 'lines' } },
      'a.line': { parent: { ...line.parent, onDelete: 'setNull' } },
    });
    expect(codes(problems)).toEqual(['definition.lines_stay /properties/p/x-field/of']);
  });

  it('refuse a rollup that sums itself up', () => {
    const { problems } = build({
      'a.node': {
        up: { kind: 'link', to: 'a.node', inverse: 'below' },
        total: { kind: 'rollup', of: 'below', fn: 'sum', field: 'total' },
      },
    });
    expect(problems.map(({ code }) => code)).toContain('rollup.cycle');
  });
});

it('refuses what is computed as required, and defaults that nobody may give', () => {
  const document = {
    $id: 'a.x',
    title: 'X',
    type: 'object',
    required: ['p'],
    properties: {
      name: { 'x-field': { kind: 'text' } },
      p: { default: 1, 'x-field': formula('LEN(name)') },
      s: { default: 'k', 'x-field': { kind: 'secret' } },
    },
    'x-entity': { titleField: 's', ownership: 'none' },
  };
  const kernel = ['core.user', 'core.attachment', 'core.principal'].map((id) => ({
    id,
    document: {
      ...document,
      $id: id,
      required: [],
      properties: { name: document.properties.name },
      'x-entity': { titleField: 'name' },
    },
  }));
  const { problems } = buildSchema({ entities: [...kernel, { id: 'a.x', document }] }, (e, f) => `${e}/${f}`);
  expect(codes(problems)).toEqual([
    'definition.no_default /properties/p/default',
    'definition.computed_required /properties/p',
    'definition.no_default /properties/s/default',
    'definition.bad_title /x-entity/titleField',
  ]);
});

it('checks conditions against the fields, formulas among them', () => {
  const { schema, problems } = build({
    'a.x': {
      n: { kind: 'integer' },
      up: { kind: 'link', to: 'a.x' },
      twice: formula('n * 2'),
      shown: { kind: 'text', showWhen: 'twice > 2', requireWhen: 'up.n > 1', readOnlyWhen: 'm > 1' },
    },
  });
  expect(codes(problems)).toEqual(['definition.bad_expression /properties/shown/x-field/readOnlyWhen']);
  expect(field(schema, 'a.x', 'shown').conditions).toMatchObject({
    show: { source: 'twice > 2', followsLinks: false },
    require: { followsLinks: true },
  });
});
