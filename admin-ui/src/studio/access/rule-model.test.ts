import { applyOperations } from '../../../../core/schema/apply-operations.js';
import type { Operation } from '../../../../schemas/studio.js';
import { nobody, readRestriction, readSharing, ruleChanges, writeRestriction, writeSharing } from './rule-model.js';

const byCondition = { title: 'Big', entity: 'a.b', access: 'read', to: { roles: ['core.member'] }, when: 'size > 3' };

test('a rule is written as it was read', () => {
  expect(writeSharing(readSharing(byCondition))).toEqual(byCondition);
  const byOwner = { title: 'T', entity: 'a.b', access: 'edit', to: { everyone: true }, ownedBy: { teams: ['East'] } };
  expect(writeSharing(readSharing(byOwner))).toEqual(byOwner);
  const toArea = { ...byCondition, to: { teams: ['East'], territories: ['North'] } };
  expect(writeSharing(readSharing(toArea))).toEqual(toArea);
  const brief = { ...byCondition, until: '2026-11-27T17:00:00.000Z' };
  expect(writeSharing(readSharing(brief))).toEqual(brief);
  const narrow = { title: 'N', entity: 'a.b', when: 'open == true' };
  expect(writeRestriction(readRestriction(narrow))).toEqual(narrow);
  expect(writeRestriction(readRestriction({ ...narrow, roles: ['x.a'] }))).toEqual({ ...narrow, roles: ['x.a'] });
});

test('an edit touches only what differs; the other way of choosing records goes', () => {
  const draft = readSharing(byCondition);
  const after = writeSharing({
    ...draft,
    by: 'ownedBy',
    ownedBy: { ...nobody(), teams: ['East'] },
  });
  const operations = ruleChanges('sharing-rule', 'x.big', byCondition, after);
  expect(operations.map(({ op, at }) => `${op} ${at}`)).toEqual(['unset /when', 'set /ownedBy']);
  const applied = applyOperations({
    type: 'sharing-rule',
    document: byCondition,
    operations: operations as Operation[],
  });
  expect(applied.document).toEqual(after);
  expect(ruleChanges('sharing-rule', 'x.big', after, after)).toEqual([]);
});
