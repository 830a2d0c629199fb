import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sampleSchema } from '../schema/sample.js';
import type { ReadQuery } from '../sdk/index.js';
import { fieldsKey, keptNone, keptOr } from './kept.js';
import { compileGet, compileList, type SearchHint } from './read.js';
import type { QueryEnv, Scoped } from './types.js';

const schema = sampleSchema({
  'test.thing': {
    title: 'Thing',
    properties: {
      name: { 'x-field': { kind: 'text', searchable: true } },
      due: { 'x-field': { kind: 'date' } },
      size: { 'x-field': { kind: 'integer' } },
      twice: { 'x-field': { kind: 'formula', returns: 'integer', expression: 'size * 2' } },
      late: { 'x-field': { kind: 'formula', returns: 'boolean', expression: 'due < TODAY()' } },
    },
    'x-entity': { titleField: 'name' },
  },
});
const plain = ['name', 'due', 'size', 'twice'];

/** A reader's scope of all things, of which it sees these fields. */
function scopeOf(shown: readonly string[] = [...plain, 'id', 'createdAt', 'deletedAt', 'ownerId']): Scoped {
  const fields = new Map(shown.map((key) => [key, 'read' as const]));
  return { entity: schema.entities.get('test.thing'), rows: { kind: 'all' }, fields } as unknown as Scoped;
}

let requests = 0;
/** What one more request is compiled against: later than the one before, by somebody else, elsewhere. */
function envOf(scope: Scoped, more: Partial<QueryEnv> = {}): QueryEnv {
  const n = requests++;
  return {
    schema,
    scopeOf: (id) => (id === 'test.thing' ? scope : null),
    wholeOf: () => scope,
    get asSystem() {
      return this;
    },
    now: new Date(Date.UTC(2026, 0, 1 + n)),
    zone: n % 2 === 0 ? 'UTC' : 'Asia/Tokyo',
    me: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    collation: '"und-x-icu"',
    cursorKey: new Uint8Array(32),
    guard: (sql) => `${sql.param(n)} as epoch`,
    ...more,
  };
}

const list = (scope: Scoped, query: Partial<ReadQuery & SearchHint>, env = envOf(scope)): unknown =>
  compileList(env, scope, { entity: 'test.thing', ...query });

describe('a list', () => {
  test.each<Partial<ReadQuery & SearchHint>>([
    {},
    { filter: 'name == "a"' },
    { fields: ['name', 'twice'], sort: ['-name'], count: 'exact' },
    { q: 'abc', isCommonSearch: false },
    { deleted: 'only' },
  ])('%j is made once', (query) => {
    const scope = scopeOf();
    expect(list(scope, query)).toBe(list(scope, query));
  });

  test.each<Partial<ReadQuery>>([
    { filter: 'due < TODAY()' },
    { filter: 'createdAt < NOW()' },
    { filter: 'ownerId == ME()' },
    // Midnight is that of a zone.
    { filter: 'createdAt > due' },
    { fields: ['late'] },
  ])('%j is made anew each time', (query) => {
    const scope = scopeOf([...plain, 'late', 'id', 'createdAt', 'ownerId']);
    const [one, other] = [1, 2].map(() => list(scope, { fields: ['name'], ...query }) as { values: unknown[] });
    expect(other.values).not.toEqual(one.values);
  });

  test('of very many ids is not kept', () => {
    const scope = scopeOf();
    const query = { filter: `name in ${JSON.stringify(Array.from({ length: 300 }, (_, n) => `name ${n}`))}` };
    expect(list(scope, query)).not.toBe(list(scope, query));
  });

  test('is another one for each part of the query', () => {
    const queries: Partial<ReadQuery & SearchHint>[] = [
      {},
      { filter: 'name == "a"' },
      { filter: 'name == "b"' },
      { q: 'name' },
      { q: 'name', isCommonSearch: true },
      { sort: ['name'] },
      { sort: ['-name'] },
      { limit: 7 },
      { count: 'exact' },
      { count: 'estimate' },
      { deleted: 'only' },
      { fields: [] },
      { fields: ['name'] },
      { fields: ['name', 'due'] },
    ];
    const scope = scopeOf();
    const made = queries.map((query) => list(scope, query));
    expect(new Set(made).size).toBe(queries.length);
    expect(new Set(made.map((each) => JSON.stringify(each))).size).toBe(queries.length);
    expect(queries.map((query) => list(scope, query))).toEqual(made);
  });

  test('is another one for each reader', () => {
    expect(list(scopeOf(), {})).not.toBe(list(scopeOf(), {}));
  });

  test.each([null, NaN, Infinity, '50'])('with the limit %p is refused, whatever was asked for before', (limit) => {
    const scope = scopeOf();
    list(scope, {});
    expect(() => list(scope, { limit: limit as number })).toThrow('must be a whole number from 1 to 500');
  });

  test('goes on from any place by the statement of its second page, and by another where a sorted value is missing', () => {
    const scope = scopeOf();
    const query = { sort: ['name'], limit: 1 };
    type Page = { text: string; values: unknown[]; finish(row: object): { next: string } };
    const first = list(scope, query) as Page;
    const from = (name: string | null): Page => {
      const { next } = first.finish({ rows: 2, data: '', last: JSON.stringify([name, '2026-01-01', name ?? 'id']) });
      return list(scope, { ...query, after: next }) as Page;
    };
    const [a, b, none] = [from('a'), from('b'), from(null)];
    expect(b.text).toBe(a.text);
    expect(b.finish).toBe(a.finish);
    expect([a, b, none].map(({ values }) => values.slice(first.values.length))).toEqual([
      ['a', '2026-01-01', 'a'],
      ['b', '2026-01-01', 'b'],
      ['2026-01-01', 'id'],
    ]);
    expect(new Set([first.text, a.text, none.text]).size).toBe(3);
    expect(from('a')).toEqual(a);
  });

  test('that is kept holds nothing of the request it was made for', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const scope = scopeOf();
    const requestsSeen = (['', 'name == "a"'] as const).map((filter) => {
      const env = envOf(scope);
      list(scope, { filter }, env);
      compileGet(env, scope, { id: String(env.me) });
      return new WeakRef(env);
    });
    // What is weakly held is so only from the next turn on.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(requestsSeen.map((env) => env.deref() === undefined)).toEqual([true, true]);
  });
});

describe('what is kept', () => {
  test('depends on nothing but the scope and the key: asked of the past, while judging or for a share it is made anew', () => {
    const scope = scopeOf();
    const kept = keptNone<object>();
    const make = (env: Partial<QueryEnv> = {}): object => keptOr(kept, envOf(scope, env), scope, 'key', () => ({}));
    const made = make();
    expect(make()).toBe(made);
    for (const env of [
      { past: { pairsOf: () => '' } },
      { judged: new Set(['test.thing']) },
      { sharesLast: null },
      { sharesLast: new Date(0) },
    ])
      expect(make(env)).not.toBe(made);
    expect(make()).toBe(made);
  });

  test.each(['now', 'zone', 'me', 'asSystem'] as const)('is not what asked for %s', (key) => {
    const scope = scopeOf();
    const kept = keptNone<object>();
    const make = (): object => keptOr(kept, envOf(scope), scope, 'key', (env) => ({ asked: env[key] }));
    expect(make()).not.toBe(make());
  });

  const scopes = Array.from({ length: 10_001 }, () => ({}) as Scoped);
  test.each([
    ['one scope', 51, (n: number) => ({ scope: scopes[0], key: `key ${n}` })],
    ['all scopes', scopes.length, (n: number) => ({ scope: scopes[n], key: 'key' })],
  ])('is bounded: of %s', (_what, count, placeOf) => {
    const kept = keptNone<number>();
    let makes = 0;
    const ask = (n: number): number => keptOr(kept, envOf(scopes[0]), placeOf(n).scope, placeOf(n).key, () => ++makes);
    for (let n = 0; n < count; n++) ask(n);
    ask(count - 1);
    expect(makes).toBe(count);
    ask(0);
    expect(makes).toBe(count + 1);
  });
});

test('the key of a list of fields tells all of them from one called so, and follows a list that changes', () => {
  const fields = ['a'];
  expect([fieldsKey(undefined), fieldsKey(['*']), fieldsKey([]), fieldsKey(fields)]).toEqual([
    '*',
    '["*"]',
    '[]',
    '["a"]',
  ]);
  fields.push('b');
  expect(fieldsKey(fields)).toBe('["a","b"]');
});
