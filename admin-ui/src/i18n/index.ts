/**
 * The languages of the admin. Every room may bring `i18n/<locale>.json` with its own top-level names; they are merged here.
 * vue-i18n compiles messages to syntax trees and interprets them, so no `unsafe-eval` is needed.
 */
import { createI18n } from 'vue-i18n';
import type { LocaleId } from './pick-locale.js';
import { pickLocale } from './pick-locale.js';

export type { LocaleId } from './pick-locale.js';
export { localeFor, locales } from './pick-locale.js';

/** Nested texts; said flat here, since nobody reads them but vue-i18n. */
type Messages = Record<string, string>;

const key = 'trellis.locale';
const sources = import.meta.glob<Messages>(['./*.json', '../*/i18n/*.json'], { import: 'default' });
const loaded = new Set<string>();

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en: {}, 'zh-CN': {} },
  missingWarn: false,
  fallbackWarn: false,
});

/** The language to start in: chosen earlier on this machine, else the browser's, else English. */
export function startLocale(): LocaleId {
  return pickLocale([stored(), ...navigator.languages]) ?? 'en';
}

/** True if the user chose a language on this machine. */
export function hasChosenLocale(): boolean {
  return stored() !== null;
}

/** Loads a language and switches to it; remembers it on this machine if `remember`. */
export async function setLocale(locale: LocaleId, remember = false): Promise<void> {
  if (!loaded.has(locale)) {
    const mine = Object.entries(sources).filter(([path]) => path.endsWith(`/${locale}.json`));
    const parts = await Promise.all(mine.map(([, load]) => load()));
    for (const part of parts) i18n.global.mergeLocaleMessage(locale, part);
    loaded.add(locale);
  }
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
  document.documentElement.dir = 'ltr';
  if (remember) remembered(locale);
}

function remembered(locale: LocaleId): void {
  try {
    localStorage.setItem(key, locale);
  } catch {
    // Storage may be blocked; the choice then lasts for this visit.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
