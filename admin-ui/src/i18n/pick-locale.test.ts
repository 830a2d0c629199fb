import { localeFor, pickLocale } from './pick-locale.js';

it.each([
  [['zh-CN'], 'zh-CN'],
  [['zh-Hant-TW', 'en'], 'zh-CN'],
  [['ZH'], 'zh-CN'],
  [[null, 'fr-FR', 'en-GB', 'zh-CN'], 'en'],
  [['fr-FR', ''], undefined],
])('picks for %j the language %s', (wishes, locale) => expect(pickLocale(wishes)).toBe(locale));

it('prefers what the user chose, then a Chinese browser, then the workspace', () => {
  expect(localeFor('en', ['zh-CN'], 'zh-CN')).toBe('en');
  expect(localeFor(null, ['zh-CN', 'en'], 'en')).toBe('zh-CN');
  expect(localeFor(null, ['en-US', 'zh-CN'], 'en')).toBe('en');
  expect(localeFor(null, ['en-US'], 'zh-CN')).toBe('zh-CN');
  expect(localeFor('de', [], 'en')).toBe('en');
  expect(localeFor(undefined, [], 'fr')).toBeUndefined();
});
