import { isRelativeDate, resolveRelativeDate } from './seed-dates.js';
import { orderSeeds, referencesOf, waves } from './seed-order.js';
import type { SeedFile } from './types.js';

const links: Record<string, Record<string, string[]>> = {
  person: { company: ['company'], boss: ['person'], firms: ['company'] },
  company: { parent: ['company'] },
  note: { about: ['*'] },
};
const targets = (entity: string, field: string): readonly string[] => links[entity]?.[field] ?? [];
const seed = (entity: string, ...records: Record<string, unknown>[]): SeedFile => ({
  file: entity,
  entity,
  set: 'demo',
  records,
});

test('references are read from links, lists of links and links to anything', () => {
  expect(
    referencesOf(
      'person',
      { name: { externalId: 'no' }, company: { externalId: 'c' }, firms: [{ externalId: 'd', label: 'x' }] },
      targets,
    ),
  ).toEqual([
    { entity: 'company', externalId: 'c' },
    { entity: 'company', externalId: 'd' },
  ]);
  expect(referencesOf('note', { about: { entity: 'person', externalId: 'p' } }, targets)).toEqual([
    { entity: 'person', externalId: 'p' },
  ]);
});

test('seeds come after those they refer to', () => {
  const note = seed('note', { about: { entity: 'person', externalId: 'p' } });
  const person = seed('person', { company: { externalId: 'c' } });
  expect(orderSeeds([note, person, seed('company')], targets).map((one) => one.entity)).toEqual([
    'company',
    'person',
    'note',
  ]);
});

test('waves put parents before children, at any depth', () => {
  const of = (externalId: string, parent?: string) => ({
    externalId,
    ...(parent ? { parent: { externalId: parent } } : {}),
  });
  const result = waves('company', [of('c', 'b'), of('b', 'a'), of('a'), of('d', 'elsewhere')], targets);
  expect(result.map((wave) => wave.map((record) => record.externalId))).toEqual([['a', 'd'], ['b'], ['c']]);
});

test('a circle of records ends in one last wave instead of none', () => {
  const ring = [
    { externalId: 'a', parent: { externalId: 'b' } },
    { externalId: 'b', parent: { externalId: 'a' } },
  ];
  expect(waves('company', ring, targets)).toEqual([ring]);
});

test('relative dates count from now, a time behind them is of that day', () => {
  const now = new Date('2026-03-31T10:20:30.456Z');
  expect(resolveRelativeDate('@-3d', now).toISOString()).toBe('2026-03-28T10:20:00.000Z');
  expect(resolveRelativeDate('@+2h', now).toISOString()).toBe('2026-03-31T12:20:00.000Z');
  expect(resolveRelativeDate('@+1dT09:30', now).toISOString()).toBe('2026-04-01T09:30:00.000Z');
  expect(['@-3d', '@3', '@ann', '-3d', 3].map(isRelativeDate)).toEqual([true, false, false, false, false]);
});
