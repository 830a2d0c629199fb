import { readFileSync } from 'node:fs';

const read = (locale: string): unknown =>
  JSON.parse(readFileSync(new URL(`./${locale}.json`, import.meta.url), 'utf8'));

function keysOf(node: unknown, path = ''): string[] {
  if (typeof node !== 'object' || node === null) return [path];
  return Object.entries(node).flatMap(([key, value]) => keysOf(value, path === '' ? key : `${path}.${key}`));
}

it('has the same keys in every language', () => {
  expect(keysOf(read('zh-CN')).sort()).toEqual(keysOf(read('en')).sort());
});
