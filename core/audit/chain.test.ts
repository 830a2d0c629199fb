import { hashPayload, linkHash, genesis, mergeRanges, uncovered, type Linked } from './chain.js';

const entry: Linked = {
  seq: '1',
  id: '019ab000-0000-7000-8000-000000000001',
  at: '1790000000000000',
  kind: 'session.started',
  actor: null,
  requestId: 'r1',
  payloadHash: 'ab',
};

test('a link changes with what stands before it and with each of its parts', () => {
  const link = linkHash(genesis, entry).toString('hex');
  expect(linkHash(Buffer.alloc(32, 1), entry).toString('hex')).not.toBe(link);
  const other: Linked = {
    seq: '2',
    id: '019ab000-0000-7000-8000-000000000002',
    at: '1790000000000001',
    kind: 'session.refused',
    actor: '019ab000-0000-7000-8000-00000000000a',
    requestId: null,
    payloadHash: 'ac',
  };
  for (const key of Object.keys(entry) as (keyof Linked)[])
    expect([key, linkHash(genesis, { ...entry, [key]: other[key] }).toString('hex')]).not.toEqual([key, link]);
});

test('what moves from one part of a link to its neighbour is another link', () => {
  const a = linkHash(genesis, { ...entry, kind: 'ab', actor: 'c' });
  expect(linkHash(genesis, { ...entry, kind: 'a', actor: 'bc' }).equals(a)).toBe(false);
  expect(linkHash(genesis, { ...entry, kind: 'ab","c', actor: null }).equals(a)).toBe(false);
});

test('the same payload under another salt has another hash', () => {
  expect(hashPayload(Buffer.from('a'), '{}').equals(hashPayload(Buffer.from('b'), '{}'))).toBe(false);
});

test('runs that touch or overlap become one', () => {
  expect(
    mergeRanges([
      [7, 9],
      [1, 2],
      [3, 3],
      [9, 12],
      [20, 20],
    ]),
  ).toEqual([
    [1, 3],
    [7, 12],
    [20, 20],
  ]);
});

test('a run that nothing tells of is found', () => {
  const told = mergeRanges([
    [1, 5],
    [8, 9],
  ]);
  expect(
    uncovered(
      [
        [2, 4],
        [8, 9],
      ],
      told,
    ),
  ).toBeNull();
  expect(uncovered([[4, 6]], told)).toEqual([4, 6]);
  expect(
    uncovered(
      [
        [1, 5],
        [12, 12],
      ],
      told,
    ),
  ).toEqual([12, 12]);
});
