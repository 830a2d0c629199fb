import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { withdraw } from './withdraw.js';

const made = (id: string): WorkspaceOperation => ({ type: 'form', id, op: 'set', at: '', value: { entity: 'x.a' } });
const text = (at: string, value: unknown): WorkspaceOperation => ({
  type: 'translation',
  id: 'x.de',
  op: 'set',
  at,
  value,
});

it('takes a definition back with all that was said of it', () => {
  const kept = [made('x.two'), text('/messages/form:x.two', { '/title': 'Zwei' })];
  const all = [
    made('x.one'),
    { type: 'form', id: 'x.one', op: 'set', at: '/title', value: 'One' } as WorkspaceOperation,
    ...kept,
    text('/messages/form:x.one', { '/title': 'Eins' }),
    text('/messages/form:x.one/~1title', 'Erstes'),
  ];
  expect(withdraw(all, 'form', 'x.one')).toEqual(kept);
});

it('keeps a translation that was begun with its texts, without them', () => {
  const messages = { 'form:x.one': { '/title': 'Eins' }, 'form:x.two': { '/title': 'Zwei' } };
  expect(withdraw([text('', { locale: 'de', messages })], 'form', 'x.one')).toEqual([
    text('', { locale: 'de', messages: { 'form:x.two': { '/title': 'Zwei' } } }),
  ]);
});
