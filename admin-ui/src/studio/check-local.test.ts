import type { CatalogEntity } from '../meta/index.js';
import { checkLocally, offersFor } from './check-local.js';

const field = (key: string, exprType: string, more: object = {}) => ({
  key,
  title: key.toUpperCase(),
  kind: exprType,
  exprType,
  ...more,
});
const company = {
  id: 'company',
  fields: [
    field('name', 'text'),
    field('parent', 'record', { to: ['company'] }),
    field('createdAt', 'dateTime', { system: true }),
  ],
} as unknown as CatalogEntity;
const project = {
  id: 'project',
  fields: [
    field('budget', 'number'),
    field('customer', 'record', { to: ['company'] }),
    field('left', 'number', { expression: 'budget - half' }),
    field('half', 'number', { expression: 'left / 2' }),
    field('key', 'text', { kind: 'secret' }),
  ],
} as unknown as CatalogEntity;
const lookup = (id: string) => [company, project].find((entity) => entity.id === id);
const check = (text: string, type?: string, of?: string) =>
  checkLocally({ entity: project, text, ...(type ? { type } : {}), ...(of ? { field: of } : {}) }, lookup);

test('tells the type, along links', () => {
  expect(check('budget * 2')).toEqual({ type: 'number', problem: null });
  expect(check('customer.parent.name', 'text').type).toBe('text');
});

test('tells what is wrong and where', () => {
  expect(check('budget + nme').problem).toMatchObject({ code: 'expression.unknown_name', start: 9 });
  expect(check('budget', 'boolean').problem?.message).toMatch(/boolean/);
});

test('a formula that reads itself over another is refused, naming the way round', () => {
  expect(check('half * 2', 'number', 'left').problem).toEqual({
    code: 'formula.cycle',
    message: 'left → half → left',
  });
  expect(check('budget * 2', 'number', 'left').problem).toBeNull();
});

test('completes by key and by title, along links, never secrets', () => {
  const paths = (before: string, all = false) => offersFor(before, project, lookup, all).offers.map(({ path }) => path);
  expect(paths('1 + bud')).toEqual(['budget']);
  expect(paths('customer.parent.')).toEqual([
    'customer.parent.name',
    'customer.parent.parent',
    'customer.parent.createdAt',
  ]);
  expect(paths('uppe')).toContain('UPPER(');
  expect(paths('')).toEqual([]);
  expect(paths('', true)).toEqual(['budget', 'customer', 'left', 'half']);
});
