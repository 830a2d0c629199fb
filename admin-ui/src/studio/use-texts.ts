import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { objectOf, pointer } from './document.js';
import type { Json } from './document.js';
import { useChanges } from './use-changes.js';

/** Texts of definitions in other languages: they stand in the workspace's translation of that language. */
export function useTexts() {
  const changes = useChanges();

  /** The workspace's own translation of a language; absent until the first text. */
  const translation = (locale: string): Json | undefined => changes.documentOf('translation', `x.${locale}`);

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

  return { translation, textChanges };
}
