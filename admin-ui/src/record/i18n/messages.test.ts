import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const room = fileURLToPath(new URL('../..', import.meta.url));
const read = (locale: string): unknown =>
  JSON.parse(readFileSync(new URL(`./${locale}.json`, import.meta.url), 'utf8'));

function textsOf(node: unknown, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]];
  return Object.entries(node as object).flatMap(([key, value]) => textsOf(value, path === '' ? key : `${path}.${key}`));
}
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

it('says the same things, with the same values, in every language', () => {
  const [english, chinese] = [new Map(textsOf(read('en'))), new Map(textsOf(read('zh-CN')))];
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  for (const [key, text] of english)
    expect([key, placeholders(chinese.get(key) ?? '')]).toEqual([key, placeholders(text)]);
});

it('has every text that the rooms ask for', () => {
  const known = new Set(textsOf(read('en')).map(([key]) => key));
  const asked = ['widgets', 'form', 'record', 'board', 'import', 'trash'].flatMap((name) =>
    readdirSync(join(room, name), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(vue|ts)$/.test(file) && !file.endsWith('.test.ts'))
      .flatMap((file) =>
        [
          ...readFileSync(join(room, name, file), 'utf8').matchAll(
            /\bt\('((?:record|form|import|board|trash|widgets)\.[\w.]+)'/g,
          ),
        ].map((match) => match[1] ?? ''),
      ),
  );
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter((key) => !known.has(key))).toEqual([]);
});
