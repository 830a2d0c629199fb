import { defineStore } from 'pinia';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { localizeDocument } from '../../../core/schema/localize.js';
import { objectOf, textOf } from './document.js';
import type { Json } from './document.js';
import { useChanges } from './use-changes.js';

type Messages = Readonly<Record<string, string>>;

/**
 * Definitions as people read them: the working copy with its texts in the language of the page. Editors write the document
 * itself (`useChanges`); lists, headings and summaries show this.
 */
export const useLocalDocuments = defineStore('studio-local', () => {
  const changes = useChanges();
  const { locale } = useI18n({ useScope: 'global' });

  /** `type:id` → texts by pointer; the workspace's own lie over those of plugins. */
  const messages = computed(() => {
    const found = new Map<string, Messages>();
    for (const translation of changes.translations) {
      if (textOf(translation, 'locale') !== locale.value) continue;
      for (const [name, texts] of Object.entries(objectOf(translation, 'messages'))) {
        const target = effectiveName(name);
        found.set(target, { ...found.get(target), ...(texts as Messages) });
      }
    }
    return found;
  });

  function localized(type: string, id: string, document: Json): Json {
    const texts = messages.value.get(`${type}:${id}`);
    return texts ? localizeDocument(document, texts) : document;
  }

  /** The working copy in the language of the page; undefined where it is not loaded. */
  function documentOf(type: string, id: string): Json | undefined {
    const document = changes.documentOf(type, id);
    return document && localized(type, id, document);
  }

  /** The text that translations give a place; '' where there is none and the definition's own counts. */
  function textAt(type: string, id: string, at: string): string {
    return messages.value.get(`${type}:${id}`)?.[at] ?? '';
  }

  return { localized, documentOf, textAt };
});

/** Fields of an extension stand on the entity in the end. */
function effectiveName(name: string): string {
  return name.startsWith('extension:') ? `entity:${name.slice(name.indexOf('.') + 1)}` : name;
}
