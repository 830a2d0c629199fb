import { groupItems, rankItems } from './palette-items.js';

const item = (id: string, title: string, group = 'a') => ({ id, title, group, icon: 'x', run: () => undefined });

describe('rankItems', () => {
  const items = [item('1', 'Create company'), item('2', 'Companies'), item('3', 'Contacts'), item('4', '公司')];

  it('puts beginnings before middles', () => {
    expect(rankItems(items, 'comp').map((each) => each.id)).toEqual(['2', '1']);
  });

  it('wants every word, in any order', () => {
    expect(rankItems(items, 'company create').map((each) => each.id)).toEqual(['1']);
    expect(rankItems(items, 'zzz')).toEqual([]);
  });

  it('finds one Chinese character', () => {
    expect(rankItems(items, '司').map((each) => each.id)).toEqual(['4']);
  });

  it('keeps all without words', () => {
    expect(rankItems(items, ' ')).toEqual(items);
  });
});

it('groups in order of first appearance', () => {
  expect(
    groupItems([item('1', 'x', 'b'), item('2', 'y', 'a'), item('3', 'z', 'b')]).map((group) => [
      group.title,
      group.items.length,
    ]),
  ).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
});
