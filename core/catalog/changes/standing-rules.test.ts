import fc from 'fast-check';
import { applyOperations, elementKey, pointerStep, widenedAccess, type Operation } from '../../schema/index.js';
import type { Definition } from '../types.js';
import { removalsOf } from './broken-references.js';
import { isForbiddingRule, keepsOf } from './standing-rules.js';
import type { BrokenReference } from './types.js';

type Document = Definition['document'];
const rows = fc.constantFrom('all', 'own', 'none');
const grant = (entity: fc.Arbitrary<string>) =>
  fc.record(
    {
      entity,
      read: rows,
      update: rows,
      delete: rows,
      create: fc.boolean(),
      export: fc.boolean(),
      readWhen: fc.constantFrom('a == 1', 'b == 2'),
    },
    { requiredKeys: ['entity', 'read', 'update', 'delete', 'create'] },
  );
const rule = fc.record({
  entity: fc.constantFrom('x.a', 'x.b'),
  field: fc.constantFrom('f', 'g', 'h'),
  access: fc.constantFrom('none', 'read', 'edit'),
});
const role = fc.record({
  title: fc.constant('R'),
  grants: fc.uniqueArray(grant(fc.constantFrom('*', 'x.a', 'x.b', 'x.c')), { selector: (one) => one.entity }),
  fields: fc.uniqueArray(rule, { selector: (one) => `${one.entity}.${one.field}` }),
});

const foldedOf = (document: Document) => ({
  definitions: () => new Map([['x.r', { type: 'role', id: 'x.r', document } as Definition]]),
});

/** All places of a role that may name what is not there. */
function placesIn(document: Document): string[] {
  const of = (list: 'grants' | 'fields', at: string): string[] =>
    (document[list] as Record<string, unknown>[])
      .filter((one) => at in one && one.entity !== '*')
      .map((one) => `/${list}${pointerStep(String(elementKey(one)))}/${at}`);
  return [...of('grants', 'entity'), ...of('grants', 'readWhen'), ...of('fields', 'field')];
}

const brokenAt = (at: string) => ({ type: 'role', id: 'x.r', at, removable: true }) as BrokenReference;
const apply = (document: Document, operations: readonly unknown[]): Document => {
  const applied = applyOperations({ type: 'role', document, operations: operations as Operation[] });
  expect(applied.failed).toEqual([]);
  return applied.document;
};

test('what is done about names that are gone never lets a role do more', () => {
  fc.assert(
    fc.property(role, fc.infiniteStream(fc.boolean()), (document, chosen) => {
      const places = placesIn(document).filter(() => chosen.next().value as boolean);
      const broken = places.map(brokenAt);
      const keeps = keepsOf(foldedOf(document), broken);
      const kept = apply(document, keeps);
      const left = broken.filter(({ at }) => !keeps.some((one) => at.startsWith(String(one.at).replace(/keep$/, ''))));
      const after = apply(kept, removalsOf(foldedOf(kept), left));
      expect(widenedAccess(document, after)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('a grant that loses its condition loses nothing else', () => {
  fc.assert(
    fc.property(role, (document) => {
      const at = placesIn(document).filter((place) => place.endsWith('/readWhen'));
      const after = apply(document, removalsOf(foldedOf(document), at.map(brokenAt)));
      const grants = (document.grants as Record<string, unknown>[]).map((one) => {
        const { readWhen, ...rest } = one;
        return one.entity === '*' && readWhen !== undefined ? one : rest;
      });
      expect(after).toEqual({ ...document, grants });
    }),
  );
});

const document = {
  title: 'R',
  grants: [
    { entity: '*', read: 'all' },
    { entity: 'x.a', read: 'none' },
    { entity: 'x.b', read: 'all', create: true },
  ],
  fields: [
    { entity: 'x.c', field: 'f', access: 'none' },
    { entity: 'x.c', field: 'g', access: 'edit' },
  ],
} as unknown as Document;

test('only what forbids something is kept', () => {
  const at = ['/grants/x.a/entity', '/grants/x.b/entity', '/fields/x.c.f/field', '/fields/x.c.g/field'];
  expect(keepsOf(foldedOf(document), at.map(brokenAt)).map((one) => one.at)).toEqual([
    '/grants/x.a/keep',
    '/fields/x.c.f/keep',
  ]);
});

test('only a rule that forbids something may name what is not there', () => {
  const definition = { type: 'role', id: 'x.r', document } as Definition;
  expect(
    ['/fields/0/field', '/fields/1/field', '/grants/1/entity', '/grants/2/entity'].map((at) =>
      isForbiddingRule(definition, at),
    ),
  ).toEqual([true, false, true, false]);
  expect(isForbiddingRule({ ...definition, type: 'view' }, '/fields/0/field')).toBe(false);
});
