import { checkLayers } from './check-layers.js';
import type { Definition, Layer } from './types.js';

const field = (kind: string, more: object = {}) => ({ title: kind, 'x-field': { kind, ...more } });
const options = ['small', 'big'].map((value) => ({ value, title: value }));
const entity = (id: string, properties: object): Definition => ({
  type: 'entity',
  id,
  document: {
    $id: id,
    title: id,
    type: 'object',
    properties: { name: { ...field('text'), type: 'string' }, ...properties },
    'x-entity': { titleField: 'name' },
  },
});
const kernel = ['core.principal', 'core.user', 'core.attachment'].map((id) => entity(id, {}));
const firm = entity('a.firm', {
  size: field('choice', { options }),
  founded: field('date'),
  calledAt: field('dateTime'),
  metAt: field('dateTime'),
  place: field('geo'),
  seats: { ...field('integer'), type: 'integer' },
  parent: field('link', { to: 'a.firm', inverse: { key: 'children', title: 'Children' } }),
});
const layer = (plugin: string, position: number, documents: readonly Definition[]): Layer => ({
  plugin,
  version: '1.0.0',
  position,
  hash: plugin,
  documents,
});
const check = (...documents: Definition[]): string[] =>
  checkLayers([layer('core', 0, kernel), layer('a', 1, [firm, ...documents])]).map(
    ({ type, id, pointer, code }) => `${type}:${id}${pointer} ${code}`,
  );
const view = (document: object): Definition => ({
  type: 'view',
  id: 'a.v',
  document: { entity: 'a.firm', title: 'V', columns: [{ field: 'name' }], ...document },
});
const form = (document: object, id = 'a.f'): Definition => ({
  type: 'form',
  id,
  document: { entity: 'a.firm', title: 'F', sections: [], ...document },
});
const recordType = (document: object, id = 'a.key'): Definition => ({
  type: 'record-type',
  id,
  document: { entity: 'a.firm', title: 'Key', ...document },
});
const section = (more: object) => ({ id: 's', title: 'S', columns: 1, fields: [{ field: 'name' }], ...more });

test.each<[string, Definition[], string[]]>([
  ['a sound calendar', [view({ type: 'calendar', calendar: { start: 'calledAt', end: 'metAt', color: 'size' } })], []],
  [
    'a calendar of a text',
    [view({ type: 'calendar', calendar: { start: 'name' } })],
    ['view:a.v/calendar/start definition.no_date'],
  ],
  [
    'a calendar of a date and an instant',
    [view({ type: 'calendar', calendar: { start: 'founded', end: 'metAt' } })],
    ['view:a.v/calendar/end definition.mixed_dates'],
  ],
  [
    'a calendar coloured by a number',
    [view({ type: 'calendar', calendar: { start: 'founded', color: 'seats' } })],
    ['view:a.v/calendar/color definition.no_options'],
  ],
  ['a sound map', [view({ type: 'map', map: { location: 'place' } })], []],
  [
    'a map of a text',
    [view({ type: 'map', map: { location: 'name' } })],
    ['view:a.v/map/location definition.no_place'],
  ],
  [
    'a sound form for some',
    [
      recordType({}),
      form({
        when: "size == 'big'",
        recordTypes: ['a.key'],
        roles: ['other.away'],
        tabs: [{ id: 't', title: 'T', showWhen: "name != ''" }],
        sections: [section({ tab: 't', readOnlyWhen: "recordType == 'a.key'" })],
      }),
    ],
    [],
  ],
  ['a form whose condition is no condition', [form({ when: 'seats' })], ['form:a.f/when definition.bad_expression']],
  [
    'a section that locks by no condition',
    [form({ sections: [section({ readOnlyWhen: 'seats + 1' })] })],
    ['form:a.f/sections/0/readOnlyWhen definition.bad_expression'],
  ],
  [
    'a section on a tab that is not there',
    [form({ tabs: [{ id: 'tab', title: 'T' }], sections: [section({ tab: 'tba' })] })],
    ['form:a.f/sections/0/tab definition.unknown_tab'],
  ],
  [
    'two sections of one id',
    [form({ sections: [section({}), section({})] })],
    ['form:a.f/sections/1/id definition.duplicate_id'],
  ],
  [
    'a form for a role that the plugin has not',
    [form({ roles: ['a.rep'] })],
    ['form:a.f/roles/0 definition.unknown_role'],
  ],
  [
    'a form for an unknown record type',
    [form({ recordTypes: ['a.kye'] }), recordType({})],
    ['form:a.f/recordTypes/0 definition.unknown_record_type'],
  ],
  [
    'a sound record type',
    [
      recordType({ default: true, options: { size: ['big'] }, defaults: { size: 'big', seats: 7 }, form: 'a.f' }),
      form({}),
    ],
    [],
  ],
  [
    'a record type of nothing',
    [recordType({ entity: 'a.frim' })],
    ['record-type:a.key/entity definition.unknown_entity'],
  ],
  [
    'a record type with an unknown choice',
    [recordType({ options: { sice: ['big'] } })],
    ['record-type:a.key/options/sice definition.unknown_field'],
  ],
  [
    'a record type with an unknown option',
    [recordType({ options: { size: ['big', 'huge'] } })],
    ['record-type:a.key/options/size/1 definition.unknown_option'],
  ],
  [
    'a record type that narrows a number',
    [recordType({ options: { seats: ['1'] } })],
    ['record-type:a.key/options/seats definition.no_options'],
  ],
  [
    'a default that is none',
    [recordType({ defaults: { seats: 'many' } })],
    ['record-type:a.key/defaults/seats definition.bad_default'],
  ],
  [
    'a default that its own type refuses',
    [recordType({ options: { size: ['big'] }, defaults: { size: 'small' } })],
    ['record-type:a.key/defaults/size definition.bad_default'],
  ],
  [
    'a default of what the kernel keeps',
    [recordType({ defaults: { createdAt: '2026-01-01T00:00:00Z' } })],
    ['record-type:a.key/defaults/createdAt definition.no_default'],
  ],
  [
    'two defaults',
    [recordType({ default: true }), recordType({ default: true, order: 1 }, 'a.other')],
    ['record-type:a.other/default definition.two_defaults'],
  ],
  ['a form that is not there', [recordType({ form: 'a.x' })], ['record-type:a.key/form definition.unknown_form']],
])('%s', (_, documents, told) => {
  expect(check(...documents)).toEqual(told);
});

test('what changes made of a document is checked by the schema of its type', () => {
  const change: Definition = {
    type: 'change',
    id: 'x.view.a.v',
    document: { target: { type: 'view', id: 'a.v' }, operations: [{ op: 'set', at: '/density', value: 'airy' }] },
  };
  const layers = [layer('core', 0, kernel), layer('a', 1, [firm, view({ type: 'list' })]), layer('x', 9, [change])];
  expect(checkLayers(layers)).toMatchObject([
    {
      plugin: 'x',
      type: 'change',
      id: 'x.view.a.v',
      pointer: '/operations',
      code: 'definition.bad_value',
      message: expect.stringContaining('makes view:a.v#/density unsound') as string,
    },
  ]);
});

test('what a change breaks elsewhere is the fault of the plugin that changes', () => {
  const retire: Definition = {
    type: 'change',
    id: 'e.entity.a.firm',
    document: {
      target: { type: 'entity', id: 'a.firm' },
      operations: [{ op: 'set', at: '/properties/seats/x-field/retired', value: true }],
    },
  };
  const broken = view({ type: 'list', columns: [{ field: 'seats' }, { field: 'nmae' }] });
  const layers = [layer('core', 0, kernel), layer('a', 1, [firm, broken]), layer('e', 2, [retire])];
  expect(checkLayers(layers).map(({ plugin, type, id }) => `${plugin} ${type}:${id}`)).toEqual([
    'a view:a.v',
    'e change:e.entity.a.firm',
  ]);
});

test('a field that the workspace adds to an entity of a plugin is sound; an underscore of the plugin itself is not', () => {
  const change: Definition = {
    type: 'change',
    id: 'x.entity.a.firm',
    document: {
      target: { type: 'entity', id: 'a.firm' },
      operations: [{ op: 'set', at: '/properties/x_stars', value: { ...field('integer'), type: 'integer' } }],
    },
  };
  expect(checkLayers([layer('core', 0, kernel), layer('a', 1, [firm]), layer('x', 9, [change])])).toEqual([]);
  expect(check(entity('a.other', { x_stars: field('integer') }))).toEqual([
    'entity:a.other/properties/x_stars definition.bad_key',
  ]);
});

test('the key of the record types is free on every entity', () => {
  expect(check(entity('a.other', { recordType: field('text') }))).toEqual([
    'entity:a.other/properties/recordType definition.bad_key',
  ]);
});
