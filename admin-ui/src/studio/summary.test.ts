import { summaryOf } from './summary.js';

const names = {
  definition: (_type: string, id: string) => ({ 'contacts.company': 'Company', 'x.project': 'Project' })[id] ?? id,
  field: (_entity: string, key: string) => ({ name: 'Name', x_vip: 'VIP' })[key] ?? key,
};
const said = (diff: Parameters<typeof summaryOf>[0]) =>
  summaryOf(diff, names).map(({ key, params }) => `${key} ${Object.values(params).join(', ')}`);
const company = { type: 'entity', id: 'contacts.company' };

test('a new field is one sentence, whatever is told of it beside', () => {
  expect(
    said([
      { ...company, at: '/properties/x_vip', after: { title: 'VIP', 'x-field': { kind: 'text' } } },
      { ...company, at: '/required/x_vip', after: 'x_vip' },
    ]),
  ).toEqual(['newField Company, VIP', 'requiredField Company, VIP']);
});

test('labels tell both words; further changes of a field are one sentence', () => {
  expect(
    said([
      { ...company, at: '/properties/name/title', before: 'Name', after: 'Firm' },
      { ...company, at: '/properties/name/maxLength', before: 100, after: 200 },
      { ...company, at: '/properties/name/description', after: 'In full' },
    ]),
  ).toEqual(['renamedField Company, Name, Firm', 'changedField Company, Name']);
});

test('what is made and removed comes first; removing is grave', () => {
  const lines = summaryOf(
    [
      { ...company, at: '/x-entity/icon', before: 'a', after: 'b' },
      { type: 'view', id: 'x.old', at: '', before: { title: 'Old' }, after: null },
      {
        type: 'entity',
        id: 'x.project',
        at: '',
        before: null,
        after: { title: 'Project', properties: { due: { title: 'Due' } } },
      },
      { type: 'record-type', id: 'x.big', at: '', before: null, after: { title: 'Big' } },
    ],
    names,
  );
  expect(lines.map(({ key }) => key)).toEqual([
    'newEntity',
    'newField',
    'newRecordType',
    'removedView',
    'changedEntity',
  ]);
  expect(lines.filter(({ isGrave }) => isGrave).map(({ params }) => params.title)).toEqual(['Old']);
});

test('retiring, restoring and rules have words of their own', () => {
  expect(
    said([
      { ...company, at: '/properties/name/x-field/retired', after: true },
      { ...company, at: '/x-entity/rules/r1', after: { id: 'r1' } },
      { type: 'translation', id: 'x.zh-CN', at: '', before: null, after: { locale: 'zh-CN' } },
    ]),
  ).toEqual(['newRule Company', 'retiredField Company, Name', 'texts zh-CN']);
});

test('names in the language of the reader win over those of the definition', () => {
  const chinese: Record<string, string> = { '/title': '项目', '/properties/due/title': '截止日期' };
  const lines = summaryOf(
    [{ type: 'entity', id: 'x.project', at: '', after: { title: 'Project', properties: { due: { title: 'Due' } } } }],
    { ...names, text: (_type, _id, at) => chinese[at] ?? '' },
  );
  expect(lines.map(({ params }) => Object.values(params).join(' '))).toEqual(['项目', '项目 截止日期']);
});
