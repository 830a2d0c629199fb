import { buildSchema } from './build.js';
import type { SourceDefinition } from './build.js';
import { exprScope } from './expr-scope.js';
import { foldLayers } from './fold.js';
import { problemLine } from './problem.js';
import { sampleEntity, sampleSchema } from './sample.js';
import { searchExpression } from './search-expression.js';

const name = { title: 'Name', 'x-field': { kind: 'text', searchable: true } };
const entity = (
  id: string,
  properties: Record<string, unknown> = {},
  x: Record<string, unknown> = {},
  rest: Record<string, unknown> = {},
): SourceDefinition => ({
  id,
  document: {
    $id: id,
    title: id,
    type: 'object',
    properties: { name, ...properties },
    'x-entity': { titleField: 'name', ...x },
    ...rest,
  },
});
const core = [
  entity('core.user', {}, { ownership: 'none' }),
  entity('core.principal', {}, { ownership: 'none' }),
  entity('core.attachment', {}, { ownership: 'none' }),
];
const build = (entities: SourceDefinition[], extensions: SourceDefinition[] = []): ReturnType<typeof buildSchema> =>
  buildSchema({ entities: [...core, ...entities], extensions }, (e, f) => `${e}#${f}`);
const lines = (entities: SourceDefinition[], extensions: SourceDefinition[] = []): string[] =>
  build(entities, extensions).problems.map(problemLine);

describe('buildSchema', () => {
  it('gives a document that it knows the ids of each caller, and tells its faults again', () => {
    const deal = entity('sales.deal', {
      amount: { 'x-field': { kind: 'money' } },
      bad: { 'x-field': { kind: 'nose' } },
    });
    const built = ['a', 'b', 'a'].map((mark) =>
      buildSchema({ entities: [...core, deal] }, (e, f) => `${mark}:${e}#${f}`),
    );
    for (const [i, mark] of ['a', 'b', 'a'].entries()) {
      const model = built[i].schema.entities.get('sales.deal')!;
      expect([model.uuid, model.fields.get('id')!.uuid, model.fields.get('amountCurrency')!.uuid]).toEqual(
        ['', 'id', 'amountCurrency'].map((field) => `${mark}:sales.deal#${field}`),
      );
      expect(built[i].problems).toEqual(built[0].problems);
    }
    expect(built[0].problems.map(({ code }) => code)).toEqual(['definition.unknown_kind']);
    const asAdded = buildSchema({ entities: [...core, { ...deal, added: new Set(['bad']) }] }, () => '');
    expect(asAdded.schema.entities.get('sales.deal')!.fields.has('amount')).toBe(true);
  });

  it('adds the system fields, the id first, the owner only where records have one', () => {
    const { schema } = build([entity('sales.deal'), entity('sales.stage', {}, { ownership: 'none' })]);
    expect([...schema.entities.get('sales.deal')!.fields.keys()]).toEqual([
      'id',
      'name',
      'ownerId',
      'externalId',
      'createdAt',
      'createdBy',
      'updatedAt',
      'updatedBy',
      'version',
      'deletedAt',
    ]);
    expect(schema.entities.get('sales.stage')!.fields.has('ownerId')).toBe(false);
    const deal = schema.entities.get('sales.deal')!;
    expect(deal.fields.get('ownerId')).toMatchObject({
      system: true,
      readOnly: false,
      to: ['core.principal'],
      uuid: 'sales.deal#ownerId',
    });
    expect(deal.fields.get('createdAt')).toMatchObject({ system: true, readOnly: true });
    expect(deal).toMatchObject({
      table: 'data."sales__deal"',
      tableName: 'sales__deal',
      plugin: 'sales',
      uuid: 'sales.deal#',
      defaultSort: ['-createdAt'],
    });
  });

  it('puts a currency beside every amount', () => {
    const { schema } = build([
      entity('sales.deal', { amount: { title: 'Amount', 'x-field': { kind: 'money', currency: 'EUR' } } }),
    ]);
    const fields = schema.entities.get('sales.deal')!.fields;
    expect([...fields.keys()].slice(1, 4)).toEqual(['name', 'amount', 'amountCurrency']);
    const currency = fields.get('amountCurrency')!;
    expect(currency.kind.columns(currency)).toEqual([{ name: 'amount__currency', type: 'text' }]);
    expect(fields.get('amount')!.kind.currencyColumn?.(fields.get('amount')!)).toBe('amount__currency');
    expect(currency.default).toBe('EUR');
  });

  it('collects inverses on the targets, also of any links', () => {
    const { schema } = build([
      entity(
        'sales.deal',
        {
          company: { 'x-field': { kind: 'link', to: 'sales.company', inverse: 'deals' } },
          about: { 'x-field': { kind: 'anyLink', to: ['*'], inverse: { key: 'mentions', title: 'Mentioned in' } } },
        },
        { titlePlural: 'Deals' },
      ),
      entity('sales.company'),
      entity('sales.inner', {}, { hidden: true }),
    ]);
    expect(schema.entities.get('sales.company')!.inverses).toEqual([
      { key: 'deals', title: 'Deals', entity: 'sales.deal', field: 'company' },
      { key: 'mentions', title: 'Mentioned in', entity: 'sales.deal', field: 'about' },
    ]);
    expect(schema.entities.get('sales.inner')!.inverses).toEqual([]);
  });

  it('lays extensions beside the entity, once, whether the fold merged them or not', () => {
    const extension = {
      type: 'extension',
      id: 'loyalty.sales.deal',
      document: {
        entity: 'sales.deal',
        properties: { loyalty_points: { 'x-field': { kind: 'integer' } } },
        required: ['loyalty_points'],
      },
    };
    const raw = build([entity('sales.deal')], [extension]);
    expect(raw.problems).toEqual([]);
    expect(raw.schema.entities.get('sales.deal')!.fields.get('loyalty_points')).toMatchObject({
      required: true,
      entity: 'sales.deal',
    });
    const folded = foldLayers([
      { plugin: 'sales', version: '1.0.0', position: 1, documents: [{ type: 'entity', ...entity('sales.deal') }] },
      { plugin: 'loyalty', version: '2.0.0', position: 2, documents: [extension] },
    ]);
    const merged = build([...folded.definitions('entity').values()], [...folded.definitions('extension').values()]);
    expect(merged.problems).toEqual([]);
    expect([...merged.schema.entities.get('sales.deal')!.fields.keys()]).toEqual([
      ...raw.schema.entities.get('sales.deal')!.fields.keys(),
    ]);
    expect(folded.provenance('entity', 'sales.deal', '/properties/loyalty_points/x-field/kind')).toEqual({
      plugin: 'loyalty',
      version: '2.0.0',
    });
    expect(folded.provenance('entity', 'sales.deal', '/properties/name')).toEqual({
      plugin: 'sales',
      version: '1.0.0',
    });
    expect(folded.provenance('entity', 'sales.deal', '/properties/nothing')).toBeNull();
  });

  it('writes references out, so that a field stands by itself', () => {
    const field = sampleEntity(
      { lines: { 'x-field': { kind: 'json' }, type: 'array', items: { $ref: '#/$defs/Line' } } },
      {
        $defs: {
          Line: { type: 'object', properties: { price: { $ref: '#/$defs/Price' } } },
          Price: { type: 'number' },
        },
      },
    ).fields.get('lines')!;
    expect(field.kind.valueSchema(field)).toEqual({
      type: 'array',
      items: { type: 'object', properties: { price: { type: 'number' } } },
    });
  });

  it.each<[string, SourceDefinition[], string]>([
    [
      'an unknown kind',
      [entity('a.b', { stage: { 'x-field': { kind: 'choise' } } })],
      'entity:a.b#/properties/stage/x-field/kind: unknown kind "choise". Did you mean "choice"?',
    ],
    [
      'an unknown target',
      [entity('a.company'), entity('a.b', { c: { 'x-field': { kind: 'link', to: 'a.compny' } } })],
      'entity:a.b#/properties/c/x-field/to: unknown entity "a.compny". Did you mean "a.company"?',
    ],
    [
      'an unknown title field',
      [entity('a.b', {}, { titleField: 'nmae' })],
      'entity:a.b#/x-entity/titleField: a.b has no field "nmae". Did you mean "name"?',
    ],
    [
      'a formula as title',
      [
        entity(
          'a.b',
          { f: { 'x-field': { kind: 'formula', returns: 'text', expression: 'name' } } },
          { titleField: 'f' },
        ),
      ],
      'entity:a.b#/x-entity/titleField: "f" is of kind "formula", which cannot be a title: a title is the same for everybody, and searched and sorted by an index. Let a hook write a text instead, or number the records (autoNumber)',
    ],
    [
      'an unknown index',
      [entity('a.b', {}, { indexes: [['name', 'stge']] })],
      'entity:a.b#/x-entity/indexes/0/1: a.b has no field "stge".',
    ],
    [
      'an unknown sort',
      [entity('a.b', {}, { defaultSort: ['-creatdAt'] })],
      'entity:a.b#/x-entity/defaultSort/0: a.b has no field "creatdAt". Did you mean "createdAt"?',
    ],
    [
      'a system key',
      [entity('a.b', { createdAt: name })],
      'entity:a.b#/properties/createdAt: "createdAt" is a system field that every record has; choose another key',
    ],
    [
      'a foreign prefix',
      [entity('a.b', { c_d: name })],
      'entity:a.b#/properties/c_d: "c_d" has an underscore, which marks fields that another plugin adds; use camelCase',
    ],
    [
      'a currency of its own',
      [entity('a.b', { price: { 'x-field': { kind: 'money' } }, priceCurrency: name })],
      'entity:a.b#/properties/priceCurrency: "priceCurrency" is made by the money field "price" itself; leave it out',
    ],
    [
      'an option given twice',
      [
        entity('a.b', {
          s: {
            'x-field': {
              kind: 'choice',
              options: [
                { value: 'x', title: 'X' },
                { value: 'x', title: 'Y' },
              ],
            },
          },
        }),
      ],
      'entity:a.b#/properties/s/x-field/options/1/value: "x" is given twice',
    ],
    [
      'a default that is no option',
      [
        entity('a.b', {
          s: { default: 'opne', 'x-field': { kind: 'choice', options: [{ value: 'open', title: 'Open' }] } },
        }),
      ],
      'entity:a.b#/properties/s/default: the default "opne" is not an option. Did you mean "open"?',
    ],
    [
      'an inverse twice',
      [
        entity('a.c'),
        entity('a.b', {
          x: { 'x-field': { kind: 'link', to: 'a.c', inverse: 'list' } },
          y: { 'x-field': { kind: 'link', to: 'a.c', inverse: 'list' } },
        }),
      ],
      'entity:a.b#/properties/y/x-field/inverse: a.c has another related list with the key "list"; choose another',
    ],
    [
      'an inverse that is a field',
      [entity('a.c'), entity('a.b', { x: { 'x-field': { kind: 'link', to: 'a.c', inverse: 'name' } } })],
      'entity:a.b#/properties/x/x-field/inverse: a.c has a field of its own with the key "name"; choose another',
    ],
    ['two entities of one name', [entity('a.b'), entity('a.b')], 'entity:a.b#/$id: two entities are called "a.b"'],
    [
      'an unsafe pattern',
      [entity('a.b', { s: { pattern: '(a)\\1', 'x-field': { kind: 'text' } } })],
      'entity:a.b#/properties/s/pattern: the pattern needs backtracking (look-around or back-reference), or repeats too often, and could take for ever; write it without',
    ],
    [
      'links in a unique',
      [entity('a.c'), entity('a.b', { l: { 'x-field': { kind: 'links', to: 'a.c' } } }, { unique: [['l']] })],
      'entity:a.b#/x-entity/unique/0/0: "l" is kept in a table of its own and cannot stand in unique',
    ],
  ])('refuses %s', (_name, entities, expected) => {
    expect(lines(entities)).toEqual([expected]);
  });

  it('refuses a schema for json that is none', () => {
    for (const more of [{ type: 'objekt' }, { pattern: '^a', items: { minLength: -1 } }])
      expect(lines([entity('a.b', { j: { ...more, 'x-field': { kind: 'json' } } })])[0]).toContain(
        'is not a JSON Schema',
      );
  });

  it('refuses extensions of nothing, without their prefix, and columns that two fields would share', () => {
    const extension = (id: string, document: Record<string, unknown>): SourceDefinition => ({ id, document });
    expect(lines([entity('a.b')], [extension('x.a.bb', { entity: 'a.bb', properties: {} })])[0]).toContain(
      'unknown entity "a.bb". Did you mean "a.b"?',
    );
    expect(lines([entity('a.b')], [extension('x.a.b', { entity: 'a.b', properties: { points: name } })])).toEqual([
      'extension:x.a.b#/properties/points: the key "points" must start with "x_", since it stands on another plugin\'s entity; call it "x_points"',
    ]);
    expect(
      lines(
        [entity('a.b', { amount: { 'x-field': { kind: 'money' } } })],
        [extension('amount.a.b', { entity: 'a.b', properties: { amount_currency: name } })],
      )[0],
    ).toContain('would share the column "amount__currency"');
  });
});

describe('foldLayers', () => {
  it('refuses a document that a layer below brings already', () => {
    const document = { type: 'view', id: 'a.list', document: { title: 'List' } };
    const folded = foldLayers([
      { plugin: 'b', version: '1.0.0', position: 2, documents: [{ ...document, document: { title: 'Other' } }] },
      { plugin: 'a', version: '1.0.0', position: 1, documents: [document] },
    ]);
    expect(folded.problems.map(problemLine)).toEqual(['view:a.list#: view:a.list is already defined by a']);
    expect(folded.definitions('view').get('a.list')).toBe(document);
  });
});

describe('what rooms above ask of a schema', () => {
  const schema = sampleSchema({
    'test.thing': {
      properties: {
        name,
        note: { 'x-field': { kind: 'tags', searchable: true } },
        old: { 'x-field': { kind: 'text', retired: true, searchable: true } },
        company: { 'x-field': { kind: 'link', to: 'test.thing' } },
      },
      'x-entity': { titleField: 'name' },
    },
  });

  it('gives expressions the fields that are not retired', () => {
    const members = exprScope(schema, 'test.thing').members('test.thing')!;
    expect(members.get('name')).toEqual({ t: 'text' });
    expect(members.get('company')).toEqual({ t: 'record', entities: ['test.thing'] });
    expect(members.has('old')).toBe(false);
    expect(exprScope(schema, null, { me: { t: 'text' } })).toMatchObject({
      entity: null,
      variables: { me: { t: 'text' } },
    });
    expect(exprScope(schema, 'x').members('x')).toBeNull();
  });

  it('joins the searchable fields into one text', () => {
    expect(searchExpression(schema.entities.get('test.thing')!, 't')).toBe(
      `(coalesce(t."name", '') || ' ' || coalesce(array_to_tsvector(t."note")::text, ''))`,
    );
    expect(searchExpression(sampleEntity({}), 't')).toBe('t."name"');
  });
});
