import type { CatalogForm } from '../../../schemas/catalog.js';
import { pickForm } from './pick-form.js';

const form = (id: string, more: Partial<CatalogForm> = {}): CatalogForm =>
  ({ id, entity: 'a.b', title: id, sections: [], ...more }) as CatalogForm;
const usual = form('usual', { default: true });
const pick = (forms: CatalogForm[], type?: string, formOfType?: string): string | undefined =>
  pickForm(forms, { type, formOfType }, (when) => when === 'true')?.id;

it.each<[string, CatalogForm[], string]>([
  ['the default one where no other is there', [form('other'), usual], 'usual'],
  ['one whose condition holds', [usual, form('no', { when: 'false' }), form('yes', { when: 'true' })], 'yes'],
  ['one for a role of the user, as the server tells no others', [usual, form('sales', { roles: ['a.rep'] })], 'sales'],
  [
    'none whose condition fails, though its role fits',
    [usual, form('x', { roles: ['a.rep'], when: 'false' })],
    'usual',
  ],
  ['the first of those that fit', [form('one', { when: 'true' }), form('two', { when: 'true' }), usual], 'one'],
  [
    'one for the type of the record',
    [usual, form('b', { recordTypes: ['b'] }), form('c', { recordTypes: ['c'] })],
    'c',
  ],
])('takes %s', (_name, forms, expected) => {
  expect(pick(forms, 'c')).toBe(expected);
});

it('takes the form that the record type names before all others', () => {
  expect(pick([form('yes', { when: 'true' }), usual, form('own')], 'c', 'own')).toBe('own');
});

it('says so where there is none', () => {
  expect(pickForm([], { type: undefined, formOfType: undefined }, () => true)).toBeNull();
});
