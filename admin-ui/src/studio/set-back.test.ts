import { applyOperations } from '../../../core/schema/apply-operations.js';
import type { Operation } from '../../../schemas/studio.js';
import { setBack } from './set-back.js';

const below = {
  title: 'Company',
  properties: {
    website: { title: 'Website', 'x-field': { kind: 'url' } },
    industry: { title: 'Industry', 'x-field': { options: [{ value: 'it' }, { value: 'law' }] } },
  },
};
const document = {
  title: 'Firm',
  properties: {
    website: { title: 'Home page', description: 'Ours', 'x-field': { kind: 'url' } },
    industry: { title: 'Industry', 'x-field': { options: [{ value: 'law' }, { value: 'mining' }, { value: 'it' }] } },
    x_vip: { title: 'VIP' },
  },
};
const sides = { type: 'entity', id: 'contacts.company', document, below };
const after = (at: string) =>
  applyOperations({ type: 'entity', document, operations: setBack(sides, at) as Operation[] }).document as typeof below;

test('a property alone goes back, what stands beside it stays', () => {
  expect(setBack(sides, '/properties/website/title')).toEqual([
    { type: 'entity', id: 'contacts.company', op: 'set', at: '/properties/website/title', value: 'Website' },
  ]);
  expect(setBack(sides, '/properties/website').map(({ at, op }) => [op, at])).toEqual([
    ['unset', '/properties/website/description'],
    ['set', '/properties/website/title'],
  ]);
});

test('options go back to those that were, in their order', () => {
  expect(after('/properties/industry').properties.industry).toEqual(below.properties.industry);
  expect(setBack(sides, '/properties/industry/x-field/options/mining').map(({ op }) => op)).toEqual(['remove']);
});

test('the whole definition goes back, property by property: a plugin’s one cannot be replaced', () => {
  expect(after('')).toEqual(below);
  expect(setBack(sides, '').some(({ at }) => at === '')).toBe(false);
});

test('what stands as below, or was made here, has nothing to go back to', () => {
  expect(setBack(sides, '/properties/industry/title')).toEqual([]);
  expect(setBack({ ...sides, below: null }, '')).toEqual([]);
});
