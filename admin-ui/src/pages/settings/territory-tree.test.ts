import { inTree, possibleParents } from './territory-tree.js';

const row = (id: string, parent: string | null) => ({ id, name: id, parent: parent && { id: parent, title: parent } });
const rows = [row('Alps', 'Europe'), row('Asia', null), row('Europe', null), row('Lost', 'Gone'), row('Tyrol', 'Alps')];

test('each territory is followed by what is below it', () => {
  expect(inTree(rows).map(({ id, depth }) => `${depth} ${id}`)).toEqual([
    '0 Asia',
    '0 Europe',
    '1 Alps',
    '2 Tyrol',
    '0 Lost',
  ]);
});

test('a territory cannot become part of itself or of what is below it', () => {
  const parentsOf = (id: string | null): string[] => possibleParents(inTree(rows), id).map((each) => each.id);
  expect(parentsOf('Europe')).toEqual(['Asia', 'Lost']);
  expect(parentsOf('Tyrol')).toEqual(['Asia', 'Europe', 'Alps', 'Lost']);
  expect(parentsOf(null)).toHaveLength(5);
});
