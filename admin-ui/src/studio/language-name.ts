/** A language as its own readers call it: `Deutsch`, `简体中文` rather than `中文（中国）`. */
export function languageName(locale: string): string {
  const { language, script } = new Intl.Locale(locale).maximize();
  const code = language === 'zh' && script !== undefined ? `zh-${script}` : locale;
  return new Intl.DisplayNames([locale], { type: 'language' }).of(code) ?? locale;
}
