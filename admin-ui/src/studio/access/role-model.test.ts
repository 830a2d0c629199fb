import { applyOperations } from '../../../../core/schema/apply-operations.js';
import type { Operation } from '../../../../schemas/studio.js';
import type { Json } from '../document.js';
import { copyOf, dropGrant, fieldLevelOf, grantOf, newRole, setFieldLevel, setRight } from './role-model.js';

const none = { read: 'none', create: false, update: 'none', delete: 'none' };
const role: Json = {
  title: 'Sales',
  grants: [
    { entity: '*', ...none, read: 'own', create: true, export: true },
    { entity: 'a.b', ...none, read: 'all' },
  ],
};
const after = (document: Json, operations: readonly object[]): Json => {
  const applied = applyOperations({ type: 'role', document, operations: operations as Operation[] });
  expect(applied.failed).toEqual([]);
  return applied.document;
};

test('an entity that is not named has the rights of all others', () => {
  expect(grantOf('x.sales', role, 'a.c')).toMatchObject({ isNamed: false, rights: { read: 'own', create: true } });
  expect(grantOf('x.sales', role, 'a.b')).toMatchObject({ isNamed: true, rights: { read: 'all', create: false } });
});

test('users and teams are not written by what holds for all others', () => {
  expect(grantOf('x.sales', role, 'core.user').rights).toMatchObject({ read: 'own', create: false, export: true });
  expect(grantOf('core.administrator', role, 'core.user').rights).toMatchObject({ create: true });
});

test('a right of an unnamed entity names it, with all else as it was', () => {
  const changed = after(role, setRight('x.sales', role, 'a.c', 'update', 'all'));
  expect(grantOf('x.sales', changed, 'a.c')).toMatchObject({
    isNamed: true,
    rights: { read: 'own', create: true, update: 'all', export: true, purge: false },
  });
  expect(grantOf('x.sales', after(changed, dropGrant('x.sales', 'a.c')), 'a.c').isNamed).toBe(false);
});

test('a right of a named entity is that one property', () => {
  expect(setRight('x.sales', role, 'a.b', 'share', true)).toEqual([
    { type: 'role', id: 'x.sales', op: 'set', at: '/grants/a.b/share', value: true },
  ]);
  expect(setRight('x.sales', role, 'a.b', 'readWhen', '')).toMatchObject([{ op: 'unset', at: '/grants/a.b/readWhen' }]);
});

test('fields are hidden, masked and given back', () => {
  const masked = after(role, setFieldLevel('x.sales', role, 'a.b', 'pay', 'masked'));
  expect(fieldLevelOf(masked, 'a.b', 'pay')).toBe('masked');
  const hidden = after(masked, setFieldLevel('x.sales', masked, 'a.b', 'pay', 'none'));
  expect(fieldLevelOf(hidden, 'a.b', 'pay')).toBe('none');
  expect(fieldLevelOf(after(hidden, setFieldLevel('x.sales', hidden, 'a.b', 'pay', null)), 'a.b', 'pay')).toBeNull();
  expect(setFieldLevel('x.sales', masked, 'a.b', 'pay', 'masked')).toEqual([]);
});

test('a new role begins with what everybody needs, a copy with everything', () => {
  const member: Json = {
    title: 'Member',
    grants: [
      { entity: '*', ...none },
      { entity: 'core.user', ...none, read: 'all' },
    ],
  };
  expect(newRole('Guest', member)).toEqual({ title: 'Guest', grants: [{ entity: 'core.user', ...none, read: 'all' }] });
  expect(copyOf({ $schema: 'x', ...role }, 'Copy')).toEqual({ ...role, title: 'Copy' });
});
