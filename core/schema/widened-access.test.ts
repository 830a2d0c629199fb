import { widenedAccess, widenedDefinition } from './widened-access.js';

const grant = (more: object = {}, entity = 'a.b') => ({
  entity,
  read: 'own',
  create: false,
  update: 'own',
  delete: 'none',
  ...more,
});
const role = (grants: object[], fields?: object[]) => ({ title: 'R', grants, ...(fields ? { fields } : {}) });
const told = '/properties/total/x-field/systemComputed';
const computed = (expression: string, systemComputed: boolean) => ({
  properties: { total: { 'x-field': { kind: 'formula', expression, systemComputed } } },
});
const rule = (access: string) => ({ entity: 'a.b', field: 'name', access });

test.each<[string, object, object, string[]]>([
  ['the same', role([grant()]), role([grant()]), []],
  ['more rows', role([grant()]), role([grant({ read: 'all' })]), ['/grants/a.b/read']],
  ['fewer rows', role([grant()]), role([grant({ read: 'none' })]), []],
  ['a right', role([grant()]), role([grant({ export: true })]), ['/grants/a.b/export']],
  ['a right taken away', role([grant({ purge: true })]), role([grant()]), []],
  ['a condition', role([grant()]), role([grant({ readWhen: 'x' })]), ['/grants/a.b/readWhen']],
  ['another condition', role([grant({ readWhen: 'x' })]), role([grant({ readWhen: 'y' })]), ['/grants/a.b/readWhen']],
  ['no condition any more', role([grant({ readWhen: 'x' })]), role([grant()]), []],
  ['a condition beside all', role([grant({ read: 'all' })]), role([grant({ read: 'all', readWhen: 'x' })]), []],
  [
    'more rows, and a condition that would add some to fewer',
    role([grant()]),
    role([grant({ read: 'all', readWhen: 'x' })]),
    ['/grants/a.b/read', '/grants/a.b/readWhen'],
  ],
  ['a new grant', role([]), role([grant()]), ['/grants/a.b']],
  ['a grant gone', role([grant()]), role([]), []],
  [
    'a grant gone, * is wider',
    role([grant(), grant({ read: 'all' }, '*')]),
    role([grant({ read: 'all' }, '*')]),
    ['/grants/a.b'],
  ],
  ['a grant gone, * is the same', role([grant(), grant({}, '*')]), role([grant({}, '*')]), []],
  ['* widened', role([grant({}, '*')]), role([grant({ read: 'all' }, '*')]), ['/grants/*/read']],
  ['the audit', role([]), { ...role([]), audit: true }, ['/audit']],
  ['the audit taken away', { ...role([]), audit: true }, { ...role([]), audit: false }, []],
  ['a field rule gone', role([grant()], [rule('read')]), role([grant()]), ['/fields/a.b.name']],
  ['a field rule loosened', role([grant()], [rule('none')]), role([grant()], [rule('read')]), ['/fields/a.b.name']],
  ['a field rule tightened', role([grant()], [rule('read')]), role([grant()], [rule('none')]), []],
  ['a field rule that allowed all, gone', role([grant()], [rule('edit')]), role([grant()]), []],
])('%s', (_, before, after, widened) => {
  expect(widenedAccess(before as Record<string, unknown>, after as Record<string, unknown>)).toEqual(widened);
});

test('a role that is new, or an entity that is new, widens nothing', () => {
  const after = role([grant()]);
  expect(widenedAccess(null, after)).toEqual([]);
  expect(widenedAccess(role([]), after, () => false)).toEqual([]);
});

test.each<[string, string, object, object, string[]]>([
  [
    'a sharing rule of another entity',
    'sharing-rule',
    { entity: 'a.b', when: 'x' },
    { entity: 'a.c', when: 'x' },
    [''],
  ],
  [
    'a restriction of another entity',
    'restriction-rule',
    { entity: 'a.b', when: 'x' },
    { entity: 'a.c', when: 'x' },
    [''],
  ],
  ['a field that tells everybody', 'entity', computed('m', false), computed('m', true), [told]],
  ['one that is computed of other things', 'entity', computed('m', true), computed('n', true), [told]],
  ['one that is called otherwise', 'entity', computed('m', true), { ...computed('m', true), title: 'T' }, []],
  ['one that tells less', 'entity', computed('m', true), computed('m', false), []],
])('%s', (_, type, before, after, widened) => {
  expect(widenedDefinition(type, before as Record<string, unknown>, after as Record<string, unknown>)).toEqual(widened);
});
