type Document = Readonly<Record<string, unknown>>;

interface Merged {
  readonly document: Document;
  /** Keys that the extension added. */
  readonly keys: readonly string[];
}

const known = new WeakMap<Document, WeakMap<Document, Merged>>();

/** Lays the properties of an extension beside those of its entity; buildSchema tells where they may not stand. */
export function mergeExtension(entity: Document, extension: Document): Merged {
  const ofEntity = known.get(entity) ?? new WeakMap<Document, Merged>();
  known.set(entity, ofEntity);
  const merged = ofEntity.get(extension) ?? merge(entity, extension);
  ofEntity.set(extension, merged);
  return merged;
}

function merge(entity: Document, extension: Document): Merged {
  const own = (entity.properties ?? {}) as Document;
  const added = Object.entries((extension.properties ?? {}) as Document).filter(([key]) => !Object.hasOwn(own, key));
  const required = [...((entity.required ?? []) as string[]), ...((extension.required ?? []) as string[])];
  return {
    document: {
      ...entity,
      properties: { ...own, ...Object.fromEntries(added) },
      ...(required.length > 0 ? { required: [...new Set(required)] } : {}),
    },
    keys: added.map(([key]) => key),
  };
}
