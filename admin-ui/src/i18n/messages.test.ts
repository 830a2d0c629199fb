import { existsSync, readdirSync, readFileSync } from 'node:fs';

const source = new URL('../', import.meta.url);
const rooms = readdirSync(source).filter((room) => existsSync(new URL(`${room}/i18n/en.json`, source)));
const folders = [new URL('./', import.meta.url), ...rooms.map((room) => new URL(`${room}/i18n/`, source))];
const read = (folder: URL, locale: string): unknown =>
  JSON.parse(readFileSync(new URL(`${locale}.json`, folder), 'utf8'));

function textsOf(node: unknown, path = ''): [string, string][] {
  if (typeof node !== 'object' || node === null) return [[path, String(node)]];
  return Object.entries(node).flatMap(([key, value]) => textsOf(value, path === '' ? key : `${path}.${key}`));
}
const forms = (text: string): number => text.split(' | ').length;
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

it.each(folders.map((folder) => [folder.pathname.split('/src/')[1], folder] as const))(
  '%s says the same things, with the same values, in every language',
  (_name, folder) => {
    const [english, chinese] = [new Map(textsOf(read(folder, 'en'))), new Map(textsOf(read(folder, 'zh-CN')))];
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [key, text] of english) {
      const translated = chinese.get(key) ?? '';
      expect([key, placeholders(translated)]).toEqual([key, placeholders(text)]);
      // Which of several forms is meant is counted off: with fewer of them, "one" gets the words of "none".
      expect([key, forms(translated) === 1 || forms(translated) === forms(text)]).toEqual([key, true]);
    }
  },
);
