export type LocaleId = 'en' | 'zh-CN';

/** Languages that the admin speaks, each by its own name. */
export const locales: readonly { id: LocaleId; title: string }[] = [
  { id: 'en', title: 'English' },
  { id: 'zh-CN', title: '简体中文' },
];

export function isLocale(text: unknown): text is LocaleId {
  return locales.some((each) => each.id === text);
}

/** The first wish that the admin can speak; any Chinese is met by the Chinese we have. */
export function pickLocale(wishes: readonly (string | null)[]): LocaleId | undefined {
  for (const wish of wishes) {
    const found =
      locales.find((each) => each.id === wish) ??
      locales.find((each) => each.id.split('-')[0] === wish?.toLowerCase().split('-')[0]);
    if (found) return found.id;
  }
  return undefined;
}

/** Whoever chose a language gets it; else a browser that asks for Chinese gets Chinese, any other what the workspace speaks. */
export function localeFor(
  own: string | null | undefined,
  browser: readonly string[],
  workspace: string,
): LocaleId | undefined {
  if (isLocale(own)) return own;
  const wished = pickLocale(browser);
  return wished === 'zh-CN' ? wished : pickLocale([workspace]);
}
