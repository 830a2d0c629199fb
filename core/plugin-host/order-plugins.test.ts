import { withManifestDefaults } from './manifest.js';
import { orderPlugins } from './order-plugins.js';
import type { Candidate } from './order-plugins.js';

function plugin(id: string, version: string, more: Partial<Candidate['manifest']> = {}): Candidate {
  return {
    label: `plugins/${id}`,
    manifest: {
      id,
      version,
      title: id,
      requires: {},
      optional: {},
      conflicts: {},
      ...withManifestDefaults({}),
      ...more,
    },
  };
}
const order = (...plugins: Candidate[]) => orderPlugins({ plugins, absent: new Map() });
const ids = (plugins: readonly Candidate[]) => plugins.map((one) => one.manifest.id);
const core = plugin('core', '0.1.0');

test('every plugin comes after what it requires, the kernel first', () => {
  const result = order(plugin('b', '1.0.0', { requires: { z: '^1.0.0', core: '^0.1.0' } }), plugin('z', '1.4.0'), core);
  expect(ids(result.plugins)).toEqual(['core', 'z', 'b']);
  expect(result.problems).toEqual([]);
});

test('a missing requirement is named with a suggestion, and left out alone', () => {
  const result = order(
    core,
    plugin('contacts', '1.0.0'),
    plugin('sales', '1.0.0', { requires: { contcats: '^1.0.0' } }),
  );
  expect(ids(result.plugins)).toEqual(['core', 'contacts']);
  expect(result.problems).toEqual([
    {
      plugin: 'sales',
      file: 'plugins/sales/plugin.json',
      pointer: '/requires/contcats',
      code: 'plugin.requires_missing',
      message:
        'requires "contcats" ^1.0.0, which is not installed. Did you mean "contacts"? Put it into plugins/ or install its package.',
    },
  ]);
});

test('a wrong version says what to upgrade', () => {
  const [problem] = order(
    plugin('contacts', '1.0.0'),
    plugin('sales', '1.0.0', { requires: { contacts: '^2.1.0' } }),
  ).problems;
  expect(problem.message).toBe('requires contacts ^2.1.0, but 1.0.0 is installed; upgrade contacts to 2.1.0 or newer.');
});

test('a requirement on something older asks for another version of the one that requires', () => {
  const [problem] = order(
    plugin('contacts', '3.0.0'),
    plugin('sales', '1.0.0', { requires: { contacts: '^2.1.0' } }),
  ).problems;
  expect(problem.message).toContain('install a version of sales made for contacts 3.0.0');
});

test('what requires a broken plugin is left out too, link by link', () => {
  const result = orderPlugins({
    plugins: [
      plugin('b', '1.0.0', { requires: { a: '*' } }),
      plugin('c', '1.0.0', { requires: { b: '*' } }),
      plugin('d', '1.0.0'),
    ],
    absent: new Map([['a', 'broken' as const]]),
  });
  expect(ids(result.plugins)).toEqual(['d']);
  expect(result.problems.map((problem) => [problem.plugin, problem.code])).toEqual([
    ['b', 'plugin.requires_broken'],
    ['c', 'plugin.requires_broken'],
  ]);
});

test('a requirement on a disabled plugin says so', () => {
  const result = orderPlugins({
    plugins: [plugin('b', '1.0.0', { requires: { a: '*' } })],
    absent: new Map([['a', 'disabled' as const]]),
  });
  expect(result.problems[0]).toMatchObject({
    code: 'plugin.requires_disabled',
    message: 'requires "a", which is disabled; enable that one first.',
  });
});

test('a cycle is spelled out and only its plugins and dependants are left out', () => {
  const result = order(
    core,
    plugin('a', '1.0.0', { requires: { b: '*' } }),
    plugin('b', '1.0.0', { requires: { c: '*' } }),
    plugin('c', '1.0.0', { requires: { a: '*' } }),
    plugin('d', '1.0.0', { requires: { a: '*' } }),
    plugin('e', '1.0.0'),
  );
  expect(ids(result.plugins)).toEqual(['core', 'e']);
  expect(result.problems.find((problem) => problem.plugin === 'a')?.message).toContain('a → b → c → a');
  expect(result.problems.find((problem) => problem.plugin === 'd')?.code).toBe('plugin.requires_broken');
});

test('a conflict names both', () => {
  const result = order(plugin('a', '1.2.0'), plugin('b', '1.0.0', { conflicts: { a: '<2' } }));
  expect(ids(result.plugins)).toEqual(['a']);
  expect(result.problems[0].message).toBe('cannot run beside a 1.2.0 (it excludes <2); disable one of the two.');
});

test('an optional plugin orders without being needed, but must fit where it is present', () => {
  expect(ids(order(plugin('a', '1.0.0', { optional: { z: '^1.0.0' } }), plugin('z', '1.0.0')).plugins)).toEqual([
    'z',
    'a',
  ]);
  expect(order(plugin('a', '1.0.0', { optional: { z: '^1.0.0' } })).problems).toEqual([]);
  expect(order(plugin('a', '1.0.0', { optional: { z: '^2.0.0' } }), plugin('z', '1.0.0')).problems[0].code).toBe(
    'plugin.requires_version',
  );
});

test('of two with one id the first is kept and the second named', () => {
  const twin = { ...plugin('a', '2.0.0'), label: 'node_modules/a' };
  const result = order(plugin('a', '1.0.0'), twin);
  expect(result.plugins[0].label).toBe('plugins/a');
  expect(result.problems[0]).toMatchObject({
    file: 'node_modules/a/plugin.json',
    code: 'plugin.id_taken',
    message: 'the id "a" is taken by plugins/a; only that one is loaded.',
  });
});
