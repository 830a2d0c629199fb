import { localizeDocument } from '../schema/index.js';
import { foldCatalog, uuidLookup } from './fold-catalog.js';
import type { StoredCatalog } from './layer-store.js';
import type { Catalog, Definition } from './types.js';

type Messages = Readonly<Record<string, string>>;

/** The immutable catalog of what is stored. Pure. */
export function makeCatalog({ epoch, layers, nodes }: StoredCatalog): Catalog {
  const { folded, schema } = foldCatalog(layers, uuidLookup(nodes));
  const texts = collectTexts(layers.flatMap((layer) => layer.documents));
  const localized = new Map<string, WeakMap<Definition, Definition['document']>>();
  return {
    epoch,
    schema,
    layers,
    definitions: (type) => folded.definitions(type),
    provenance: (type, id, pointer) => folded.provenance(type, id, pointer),
    locales: ['en', ...[...texts.keys()].filter((locale) => locale !== 'en').sort()],
    localized(definition, locale) {
      const messages = findMessages(texts, locale)?.get(`${definition.type}:${definition.id}`);
      if (!messages) return definition.document;
      const known = localized.get(locale) ?? new WeakMap<Definition, Definition['document']>();
      localized.set(locale, known);
      const document = known.get(definition) ?? localizeDocument(definition.document, messages);
      known.set(definition, document);
      return document;
    },
  };
}

/** Locale → definition (`type:id`) → texts by pointer; a later layer's text wins. */
function collectTexts(documents: readonly Definition[]): Map<string, Map<string, Messages>> {
  const texts = new Map<string, Map<string, Messages>>();
  for (const { type, document } of documents) {
    if (type !== 'translation') continue;
    const { locale, messages } = document as { locale: string; messages: Readonly<Record<string, Messages>> };
    const byDefinition = texts.get(locale) ?? new Map<string, Messages>();
    for (const [name, own] of Object.entries(messages)) {
      const target = effectiveName(name);
      byDefinition.set(target, { ...byDefinition.get(target), ...own });
    }
    texts.set(locale, byDefinition);
  }
  return texts;
}

/** Fields of an extension stand on the entity in the end: `extension:loyalty.contacts.company` → `entity:contacts.company`. */
function effectiveName(name: string): string {
  return name.startsWith('extension:') ? `entity:${name.slice(name.indexOf('.') + 1)}` : name;
}

/** The language itself, or the same without its region (`zh-CN` serves `zh-SG` not: `zh` would). */
function findMessages(
  texts: ReadonlyMap<string, Map<string, Messages>>,
  locale: string,
): ReadonlyMap<string, Messages> | undefined {
  return texts.get(locale) ?? texts.get(locale.split('-')[0]);
}
