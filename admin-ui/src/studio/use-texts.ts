import { computed } from 'vue';
import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { useCatalog } from '../meta/index.js';
import { objectOf, pointer, textOf } from './document.js';
import type { Json } from './document.js';
import { useChanges } from './use-changes.js';

/** Language → text. */
export type Texts = Readonly<Record<string, string>>;

/** Texts of definitions in other languages: they stand in the workspace's translation of that language. */
export function useTexts() {
  const changes = useChanges();
  const catalog = useCatalog();
  /** Languages of the workspace beside English, in which definitions themselves are written. */
  const locales = computed(() => (catalog.catalog?.locales ?? []).filter((locale) => locale !== 'en'));
  const byLocale = computed(() =>
    Object.fromEntries(
      locales.value.map((locale) => [
        locale,
        changes.translations.filter((one) => textOf(one, 'locale') === locale).map((one) => objectOf(one, 'messages')),
      ]),
    ),
  );

  /** The workspace's own translation of a language; absent until the first text. */
  const translation = (locale: string): Json | undefined => changes.documentOf('translation', `x.${locale}`);

  /** The texts of a place that the workspace itself gave; '' where it gave none. */
  function textsAt(type: string, id: string, at: string): Texts {
    return Object.fromEntries(
      locales.value.map((locale) => [
        locale,
        textOf(objectOf(objectOf(translation(locale), 'messages'), `${type}:${id}`), at),
      ]),
    );
  }

  /** The texts of a place as they come from plugins, for a hint at what stands without one's own. */
  function givenAt(type: string, id: string, at: string): Texts {
    return Object.fromEntries(
      locales.value.map((locale) => [
        locale,
        (byLocale.value[locale] ?? []).map((one) => textOf(objectOf(one, `${type}:${id}`), at)).find(Boolean) ?? '',
      ]),
    );
  }

  /** The operations that give a text of a definition in a language; '' takes it back. */
  function textChanges(locale: string, type: string, id: string, at: string, text: string): WorkspaceOperation[] {
    const of = { type: 'translation', id: `x.${locale}` };
    const document = translation(locale);
    const name = `${type}:${id}`;
    if (document === undefined)
      return text === '' ? [] : [{ ...of, op: 'set', at: '', value: { locale, messages: { [name]: { [at]: text } } } }];
    const messages = objectOf(document, 'messages');
    const own = objectOf(messages, name);
    if (text === '') return Object.hasOwn(own, at) ? [{ ...of, op: 'unset', at: pointer('messages', name, at) }] : [];
    if (own[at] === text) return [];
    return Object.hasOwn(messages, name)
      ? [{ ...of, op: 'set', at: pointer('messages', name, at), value: text }]
      : [{ ...of, op: 'set', at: pointer('messages', name), value: { [at]: text } }];
  }

  /** Several texts of one definition: place → language → text. Each is computed over those before it. */
  function recordTexts(type: string, id: string, texts: Readonly<Record<string, Texts>>): void {
    for (const [at, byLanguage] of Object.entries(texts))
      for (const [locale, text] of Object.entries(byLanguage))
        changes.record(...textChanges(locale, type, id, at, text.trim()));
  }

  return { locales, textsAt, givenAt, recordTexts };
}
