import type { CatalogEntity, CatalogField } from '../meta/index.js';
import { draftEntity, draftField, draftLists } from './draft-entity.js';

const kindred = (kind: string, exprType: string): CatalogField | undefined =>
  exprType === 'number'
    ? ({ kind, operators: ['gt'], aggregates: ['sum'], sortable: true } as CatalogField)
    : undefined;
const known = {
  id: 'x.project',
  title: 'Project',
  titlePlural: 'Projects',
  fields: [
    { key: 'name', title: 'Name', kind: 'text', exprType: 'text', operators: ['contains'] },
    { key: 'gone', title: 'Gone', kind: 'text' },
    { key: 'budgetCurrency', title: 'Currency', kind: 'currency' },
    { key: 'createdAt', title: 'Created', kind: 'dateTime', system: true },
  ],
  related: [],
} as unknown as CatalogEntity;
const document = {
  title: 'Project',
  properties: {
    name: { title: 'Called', 'x-field': { kind: 'text' } },
    gone: { title: 'Gone', 'x-field': { kind: 'text', retired: true } },
    budget: { title: 'Budget', 'x-field': { kind: 'decimal' } },
    customer: { title: 'Customer', 'x-field': { kind: 'link', to: 'contacts.company', inverse: 'x_projects' } },
  },
};

test('what is pending stands beside what is known; retired fields are gone, system ones stay', () => {
  const { fields } = draftEntity('x.project', document, known, undefined, kindred);
  expect(fields.map(({ key, title }) => `${key} ${title}`)).toEqual([
    'name Called',
    'budget Budget',
    'customer Customer',
    'budgetCurrency Currency',
    'createdAt Created',
  ]);
  expect(fields[0]?.operators).toEqual(['contains']);
  expect(fields[1]).toMatchObject({ exprType: 'number', operators: ['gt'], aggregates: ['sum'] });
});

test('an entity that nobody knows yet takes its system fields from another', () => {
  const made = draftEntity('x.new', { title: 'New', properties: {} }, undefined, known, kindred);
  expect(made).toMatchObject({ id: 'x.new', plugin: 'x', titlePlural: 'New' });
  expect(made.fields.map(({ key }) => key)).toEqual(['createdAt']);
});

test('a pending link puts its list on the other side', () => {
  const entity = draftEntity('x.project', document, known, undefined, kindred);
  expect(draftLists(entity, document)).toEqual([
    {
      on: 'contacts.company',
      related: { key: 'x_projects', title: 'Projects', entity: 'x.project', field: 'customer', kind: 'link' },
    },
  ]);
});

test('a formula is of the type that it gives; options without words are not offered', () => {
  expect(draftField('f', { 'x-field': { kind: 'formula', returns: 'money' } }, kindred)).toMatchObject({
    exprType: 'number',
    readOnly: true,
  });
  const options = [
    { value: 'a', title: 'A' },
    { value: '', title: '' },
  ];
  expect(draftField('c', { 'x-field': { kind: 'choice', options } }, kindred).options).toHaveLength(1);
});
