import { isBehind, outOfStep } from './in-step.js';
import type { RawPlugin } from './types.js';

const raw = (id: string, version: string, hash: string): RawPlugin => ({
  dir: `/p/${id}`,
  label: `plugins/${id}`,
  origin: 'folder',
  files: [{ path: 'plugin.json', text: JSON.stringify({ id, version, title: id }) }],
  code: null,
  hash,
  problems: [],
});
const layer = (plugin: string, version: string, hash: string) => ({ plugin, version, hash });
const raws = [raw('core', '0.1.0', 'c'), raw('shop', '1.2.0', 's')];

test('the same files, a plugin that is switched off, and the workspace layer are in step', () => {
  expect(outOfStep(raws, [layer('core', '0.1.0', 'c'), layer('shop', '1.2.0', 's')])).toBeNull();
  expect(outOfStep(raws, [layer('core', '0.1.0', 'c')])).toBeNull();
  expect(outOfStep(raws, [layer('core', '0.1.0', 'c'), layer('x', '1', 'w')])).toBeNull();
});

test('another version, other files of the same version, and an absent plugin are named', () => {
  expect(outOfStep(raws, [layer('shop', '1.3.0', 't')])?.message).toMatch(/"shop" is applied at 1\.3\.0.*has 1\.2\.0/);
  expect(outOfStep(raws, [layer('shop', '1.2.0', 't')])?.message).toMatch(/other files of 1\.2\.0/);
  expect(outOfStep(raws, [layer('mail', '1.0.0', 'm')])?.message).toMatch(/"mail".*no such plugin/);
});

test('only an older or absent plugin is behind', () => {
  expect(isBehind(raws, [layer('shop', '1.10.0', 't')])).toBe(true);
  expect(isBehind(raws, [layer('mail', '1.0.0', 'm')])).toBe(true);
  expect(isBehind(raws, [layer('shop', '1.1.0', 't'), layer('x', '1', 'w')])).toBe(false);
  expect(isBehind(raws, [layer('shop', '1.2.0', 't')])).toBe(false);
});
