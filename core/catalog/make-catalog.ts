import {
  localizeDocument,
  recordTypeKey,
  recordTypeTitle,
  type RecordTypeModel,
  withOverflow,
} from '../schema/index.js';
import { foldCatalog, uuidLookup } from './fold-catalog.js';
import type { StoredCatalog } from './layer-store.js';
import { retiredFields } from './retired-fields.js';
import type { Catalog, Definition } from './types.js';

type Messages = Readonly<Record<string, string>>;

/** The immutable catalog of what is stored. Pure. */
export function makeCatalog({ epoch, layers, nodes, overflow = {} }: StoredCatalog): Catalog {
  const { folded, schema: defined } = foldCatalog(layers, uuidLookup(nodes));
  const schema = withOverflow(defined, overflow);
  const texts = collectTexts([...folded.definitions('translation').values()]);
  const retired = retiredFields(nodes);
  const localized = new Map<string, WeakMap<Definition, Definition['document']>>();
  return {
    epoch,
    schema,
    layers,
    definitions: (type) => folded.definitions(type),
    retiredFields: (entity) => retired.get(entity) ?? [],
    provenance: (type, id, pointer) => folded.provenance(type, id, pointer),
    origins: (type, id) => folded.origins(type, id),
    locales: ['en', ...[...texts.keys()].filter((locale) => locale !== 'en').sort()],
    textsOf: (type, id, locale) => findMessages(texts, locale)?.get(`${type}:${id}`) ?? {},
    localized(definition, locale) {
      const messages = findMessages(texts, locale)?.get(`${definition.type}:${definition.id}`);
      const types = (definition.type === 'entity' && schema.entities.get(definition.id)?.recordTypes) || [];
      if (!messages && types.length === 0) return definition.document;
      const known = localized.get(locale) ?? new WeakMap<Definition, Definition['document']>();
      localized.set(locale, known);
      const document = known.get(definition) ?? localizeDocument(definition.document, messages ?? {});
      if (!known.has(definition)) known.set(definition, withRecordTypes(document, types, { texts, locale }));
      return known.get(definition) ?? document;
    },
  };
}

/** The choice of record types is in no document: its options are called as their record types are. */
function withRecordTypes(
  document: Definition['document'],
  types: readonly RecordTypeModel[],
  { texts, locale }: { readonly texts: ReadonlyMap<string, Map<string, Messages>>; readonly locale: string },
): Definition['document'] {
  if (types.length === 0) return document;
  const messages = findMessages(texts, locale);
  const options = types.map(({ id, title }) => ({
    value: id,
    title: messages?.get(`record-type:${id}`)?.['/title'] ?? title,
  }));
  const field = { title: recordTypeTitle(locale), 'x-field': { kind: 'choice', options } };
  return { ...document, properties: { ...(document.properties as object), [recordTypeKey]: field } };
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
