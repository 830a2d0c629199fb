import type { Ctx, HookBatch, HookDefinition, RecordData } from '../sdk/index.js';
import { createHooks, orderHooks } from './hooks.js';

type Hook = HookDefinition<RecordData>;

const hook = (id: string, rest: Partial<Hook> = {}): Hook => ({
  id,
  entity: 'a.b',
  phase: 'before',
  on: ['create', 'update'],
  run: () => undefined,
  ...rest,
});
const ids = (hooks: readonly Hook[]): string[] => hooks.map(({ id }) => id);
const batch = (operation: 'create' | 'update', changed: string[]): HookBatch<RecordData> => ({
  entity: 'a.b',
  operation,
  rows: [{ id: '1', old: null, next: {}, changed: new Set(changed) }],
});

test('hooks run in the order of before and after, whatever order they came in', () => {
  const hooks = [hook('c', { after: ['b'] }), hook('b'), hook('a', { after: ['c'] }), hook('z', { before: ['b'] })];
  expect(ids(orderHooks(hooks))).toEqual(['z', 'b', 'c', 'a']);
  expect(ids(orderHooks([...hooks].reverse()))).toEqual(['z', 'b', 'c', 'a']);
});

test('names of hooks that are not there are passed over', () => {
  expect(ids(orderHooks([hook('a', { after: ['nobody'], before: ['nobody'] })]))).toEqual(['a']);
});

test('hooks that wait for each other are refused by name', () => {
  expect(() => orderHooks([hook('a', { after: ['b'] }), hook('b', { after: ['a'] })])).toThrow(
    'Hooks wait for each other: a, b.',
  );
});

test('a second hook of the same id is refused', () => {
  const hooks = createHooks();
  hooks.register(hook('a') as unknown as HookDefinition<never>);
  expect(() => hooks.register(hook('a') as unknown as HookDefinition<never>)).toThrow('already a hook "a"');
});

test('a hook sees the patches of the one before it', async () => {
  const hooks = createHooks();
  const seen: RecordData[] = [];
  hooks.register(hook('a', { run: () => [{ name: 'patched' }] }) as unknown as HookDefinition<never>);
  hooks.register(
    hook('b', { after: ['a'], run: (_, { rows }) => void seen.push(rows[0].next) }) as unknown as HookDefinition<never>,
  );
  await hooks.run({} as Ctx, 'before', batch('create', []), (patches) => ({
    ...batch('create', []),
    rows: [{ id: '1', old: null, next: patches[0] as RecordData, changed: new Set() }],
  }));
  expect(seen).toEqual([{ name: 'patched' }]);
});

test('on update a hook with fields runs only where one of them changed', async () => {
  const hooks = createHooks();
  let runs = 0;
  hooks.register(hook('a', { fields: ['name'], run: () => void runs++ }) as unknown as HookDefinition<never>);
  for (const changed of [['phone'], ['name', 'phone']])
    await hooks.run({} as Ctx, 'before', batch('update', changed), () => batch('update', changed));
  expect(runs).toBe(1);
});

test('an unregistered hook is gone from its chain', () => {
  const hooks = createHooks();
  hooks.register(hook('a') as unknown as HookDefinition<never>);
  expect(hooks.has('a.b', 'before', 'create')).toBe(true);
  hooks.unregister('a');
  expect(hooks.has('a.b', 'before', 'create')).toBe(false);
});
