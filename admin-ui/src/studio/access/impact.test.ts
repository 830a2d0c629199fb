import type { AccessChange } from '../../../../schemas/studio.js';
import { byUser, touchesAccess } from './impact.js';

const rows = (gained: number, lost: number) => ({ gained, lost, samples: { gained: [], lost: [] } });
const change = (user: string, more: Partial<AccessChange>): AccessChange => ({
  user: { id: user, title: user },
  entity: 'a.b',
  read: rows(0, 0),
  update: rows(0, 0),
  fields: [],
  fieldsByRecord: false,
  permissions: { gained: [], lost: [] },
  ...more,
});

test('only what decides over access is worth the question', () => {
  const at = (type: string, place: string) => touchesAccess([{ type, id: 'a.b', op: 'unset', at: place }]);
  expect(at('role', '/grants/a.b/readWhen')).toBe(true);
  expect(at('sharing-rule', '')).toBe(true);
  expect(at('entity', '/x-entity/access')).toBe(true);
  expect(at('entity', '/properties/name')).toBe(false);
  expect(touchesAccess([])).toBe(false);
});

test('a user is told once, whoever loses most first; what was not counted is said', () => {
  const found = byUser([
    change('Ann', { read: rows(3, 0) }),
    change('Ann', { entity: 'a.c', read: null, fields: [{ field: 'pay', before: 'edit', after: 'none' }] }),
    change('Bob', { read: rows(0, 2), fieldsByRecord: true, permissions: { gained: ['export'], lost: [] } }),
  ]);
  expect(found.map(({ user, gained, lost, isPartial, others }) => [user.id, gained, lost, isPartial, others])).toEqual([
    ['Bob', 0, 2, false, 2],
    ['Ann', 3, 0, true, 1],
  ]);
});
