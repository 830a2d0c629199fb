import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { changeLines } from './change-lines.js';

const names = { definition: (_type: string, id: string) => id, field: (_entity: string, key: string) => key };
const company = { type: 'entity', id: 'contacts.company' };
const said = (operations: WorkspaceOperation[], diff?: Parameters<typeof changeLines>[0]['diff']) =>
  changeLines({ operations, diff }, names, (_type, id, field) => id === company.id && field !== 'x_vip').map(
    ({ key, params }) => `${key} ${Object.values(params).join(', ')}`,
  );

test('what was applied is told as it was, whatever stands by now', () => {
  expect(
    said(
      [{ ...company, op: 'set', at: '/properties/name/title', value: 'Firm' }],
      [{ ...company, at: '/properties/name/title', before: 'Name', after: 'Firm' }],
    ),
  ).toEqual(['renamedField contacts.company, Name, Firm']);
});

test('a draft tells new things from changed ones by what is there', () => {
  expect(
    said([
      { ...company, op: 'set', at: '/properties/x_vip', value: { title: 'VIP' } },
      { ...company, op: 'set', at: '/properties/name', value: { title: 'Name' } },
      { type: 'view', id: 'x.new', op: 'set', at: '', value: { title: 'New view' } },
      { type: 'view', id: 'x.old', op: 'remove', at: '' },
    ]),
  ).toEqual([
    'newField contacts.company, VIP',
    'newView New view',
    'removedView x.old',
    'changedField contacts.company, Name',
  ]);
});

test('data that went for good are told first', () => {
  const lines = changeLines(
    { operations: [{ ...company, op: 'purge', at: '/properties/x_vip' }], diff: [] },
    names,
    () => true,
  );
  expect(lines).toEqual([
    { key: 'removedField', params: { entity: 'contacts.company', field: 'x_vip' }, isGrave: true },
  ]);
});
