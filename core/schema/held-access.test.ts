import fc from 'fast-check';
import { seed } from '../../test/support/property-seed.js';
import { foldLayers, type LayerDocument } from './fold.js';
import { mergeUpgrade } from './merge-upgrade.js';

type Document = Record<string, unknown>;

const entity = (access?: object): LayerDocument => ({
  type: 'entity',
  id: 'a.t',
  document: {
    $id: 'a.t',
    title: 'T',
    type: 'object',
    properties: { name: { 'x-field': { kind: 'text' } }, up: { 'x-field': { kind: 'link', to: 'a.t' } } },
    'x-entity': { titleField: 'name', ...(access ? { access } : {}) },
  },
});
const foldOf = (documents: readonly LayerDocument[], local: readonly LayerDocument[] = []) =>
  foldLayers([
    { plugin: 'a', version: '1', documents },
    { plugin: 'x', version: '1', documents: local },
  ] as never);

const names = fc.subarray(['a.r', 'a.s', 'a.q'], { minLength: 1 });
const people = fc.oneof(
  fc.record({ roles: names }),
  fc.record({ teams: names }),
  fc.record({ roles: names, teams: names }),
  fc.constant({ everyone: true }),
);
const owners = fc.oneof(
  fc.record({ roles: names }),
  fc.record({ teams: names }),
  fc.record({ roles: names, teams: names }),
);
const which = fc.oneof(
  owners.map((ownedBy) => ({ ownedBy })),
  fc.constantFrom({ when: 'name == "1"' }, { when: 'name == "2"' }),
);
const ends = ['2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z'];
const sharing = fc
  .tuple(fc.constantFrom('read', 'edit'), people, which, fc.constantFrom({}, ...ends.map((until) => ({ until }))))
  .map(([access, to, of, end]): Document => ({ title: 'S', entity: 'a.t', access, to, ...of, ...end }));
const restriction = fc
  .tuple(fc.constantFrom('name == "1"', 'name == "2"'), fc.option(names, { nil: undefined }))
  .map(([when, roles]): Document => ({ title: 'L', entity: 'a.t', when, ...(roles ? { roles } : {}) }));
const visibility = fc.option(
  fc.constantFrom(
    { default: 'private' },
    { default: 'read' },
    { default: 'edit' },
    { default: 'parent', parent: 'up' },
  ),
  { nil: undefined },
);
const side = fc.record({
  rules: fc.array(sharing, { maxLength: 2 }),
  limits: fc.array(restriction, { maxLength: 2 }),
  access: visibility,
});

const documentsOf = ({ rules, limits, access }: { rules: Document[]; limits: Document[]; access?: object }) => [
  entity(access),
  ...rules.map((document, i): LayerDocument => ({ type: 'sharing-rule', id: `a.rule${i}`, document })),
  ...limits.map((document, i): LayerDocument => ({ type: 'restriction-rule', id: `a.limit${i}`, document })),
];

/** Everything that the rules let through, as plain words: who, which records, how far, and in which of the times between the ends. */
function letThrough(documents: ReadonlyMap<string, { document: Readonly<Document> }>): Set<string> {
  const found = new Set<string>();
  const listed = (group: unknown): string[] =>
    Object.entries((group ?? {}) as Document).flatMap(([key, list]) =>
      Array.isArray(list) ? list.map((one) => `${key}:${String(one)}`) : [key],
    );
  for (const { document } of documents.values()) {
    if (document.off === true) continue;
    for (const who of listed(document.to))
      for (const of of document.when === undefined ? listed(document.ownedBy) : [String(document.when)])
        for (const level of document.access === 'edit' ? ['read', 'edit'] : ['read'])
          for (const time of ['', ...ends])
            if (document.until === undefined || time < String(document.until))
              found.add(`${who} ${of} ${level} ${time}`);
  }
  return found;
}

/** What hides something from whom: everyone but administrators stands for all roles there are. */
function hides(documents: ReadonlyMap<string, { document: Readonly<Document> }>): Set<string> {
  const found = new Set<string>();
  for (const { document } of documents.values())
    if (document.off !== true)
      for (const role of (document.roles as string[] | undefined) ?? ['a.r', 'a.s', 'a.q', 'others'])
        found.add(`${role} ${String(document.when)}`);
  return found;
}

test('an upgrade never lets through what was not, nor takes away what hid something, unless somebody agrees', () => {
  fc.assert(
    fc.property(side, side, (before, after) => {
      const [oldBelow, newBelow] = [foldOf(documentsOf(before)), foldOf(documentsOf(after))];
      const merged = mergeUpgrade({ oldBelow, newBelow, local: [], decided: () => null });
      const now = foldOf(documentsOf(after), merged.documents);
      const [was, is] = [oldBelow, now].map((fold) => letThrough(fold.definitions('sharing-rule')));
      expect([...is].filter((one) => !was.has(one))).toEqual([]);
      const [hid, hiding] = [oldBelow, now].map((fold) => hides(fold.definitions('restriction-rule')));
      expect([...hid].filter((one) => !hiding.has(one))).toEqual([]);
      const [from, to] = [oldBelow, now].map(
        (fold) =>
          (fold.definitions('entity').get('a.t')?.document['x-entity'] as { access?: { default: string } } | undefined)
            ?.access,
      );
      const order = ['private', 'read', 'edit'];
      const [a, b] = [from?.default ?? 'private', to?.default ?? 'private'];
      expect(a === b || b === 'private' || (b === 'parent' ? a === 'edit' : order.indexOf(b) < order.indexOf(a))).toBe(
        true,
      );
    }),
    { seed, numRuns: 300 },
  );
});

test('with consent all of it comes', () => {
  fc.assert(
    fc.property(side, side, (before, after) => {
      const [oldBelow, newBelow] = [foldOf(documentsOf(before)), foldOf(documentsOf(after))];
      const merged = mergeUpgrade({ oldBelow, newBelow, local: [], decided: () => 'vendor' });
      expect(merged.documents).toEqual([]);
    }),
    { seed, numRuns: 100 },
  );
});
