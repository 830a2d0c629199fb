/**
 * The languages of the admin. Every room may bring `i18n/<locale>.json` with its own top-level names; they are merged here.
 * The texts of a room that few people enter are loaded when its pages are (`loadRoom`).
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
const sources = import.meta.glob<Messages>(
  ['./*.json', '../*/i18n/*.json', '!../studio/i18n/*.json', '!../audit/i18n/*.json'],
  {
    import: 'default',
  },
);
/** Texts of rooms that few people enter. */
const apart = import.meta.glob<Messages>(['../studio/i18n/*.json', '../audit/i18n/*.json'], { import: 'default' });
const loaded = new Set<string>();
/** Rooms apart that somebody has entered. */
const entered = new Set<string>();

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
  const mine = Object.entries(sources).filter(([path]) => path.endsWith(`/${locale}.json`));
  await merge(locale, [...mine, ...[...entered].flatMap((room) => textsOf(room, locale))]);
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
  document.documentElement.dir = 'ltr';
  if (remember) remembered(locale);
}

/** Loads the texts of a room apart, in the language of now; languages chosen later bring theirs by themselves. */
export async function loadRoom(room: 'studio' | 'audit'): Promise<void> {
  entered.add(room);
  const locale = i18n.global.locale.value;
  await merge(locale, textsOf(room, locale));
}

type Source = [path: string, load: () => Promise<Messages>];

function textsOf(room: string, locale: string): Source[] {
  return Object.entries(apart).filter(([path]) => path === `../${room}/i18n/${locale}.json`);
}

async function merge(locale: string, wanted: readonly Source[]): Promise<void> {
  const fresh = wanted.filter(([path]) => !loaded.has(path));
  const parts = await Promise.all(fresh.map(([, load]) => load()));
  for (const part of parts) i18n.global.mergeLocaleMessage(locale, part);
  for (const [path] of fresh) loaded.add(path);
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
