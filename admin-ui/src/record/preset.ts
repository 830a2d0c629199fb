import type { CatalogEntity, CatalogField } from '../meta/index.js';

/** What `preset.<field>=<text>` of an address says about a new record; references still lack their titles. */
export function presetsOf(
  entity: CatalogEntity,
  query: Readonly<Record<string, unknown>>,
): { field: CatalogField; value: unknown }[] {
  return Object.entries(query).flatMap(([name, text]) => {
    const field =
      name.startsWith('preset.') && typeof text === 'string' && text !== ''
        ? entity.fields.find((one) => one.key === name.slice('preset.'.length))
        : undefined;
    return field ? [{ field, value: valueOf(field, text as string) }] : [];
  });
}

/** References by kind; everything else by the type of its schema. */
function valueOf(field: CatalogField, text: string): unknown {
  const reference = REFERENCES[field.kind];
  if (reference) return reference(field, text);
  const type = field.schema.type;
  if (type === 'number' || type === 'integer') return Number(text);
  if (type === 'boolean') return text === 'true';
  if (type === 'array') return text.split(',');
  return text;
}

const one = (_field: CatalogField, id: string): unknown => ({ id, title: null });
const REFERENCES: Record<string, (field: CatalogField, text: string) => unknown> = {
  link: one,
  user: one,
  links: (_field, text) => text.split(',').map((id) => ({ id, title: null })),
  anyLink: (field, text) => {
    const [entity = '', id = ''] = text.includes('/') ? text.split('/') : [field.to?.[0] ?? '', text];
    return { entity, id, title: null };
  },
};
