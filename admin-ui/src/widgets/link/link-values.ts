import type { CatalogEntity, CatalogField } from '../../meta/index.js';

/** A reference as pickers hold it. */
export interface HeldLink {
  id: string;
  title: string | null;
  label?: string | null;
  entity?: string;
}

/** A value of a link, user or anyLink field, however it is written: `{id,title}`, a bare id, null. */
export function heldLink(value: unknown): HeldLink | null {
  if (typeof value === 'string' && value !== '') return { id: value, title: null };
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string') return null;
  const { id, title, label, entity } = value as { id: string; title?: unknown; label?: unknown; entity?: unknown };
  return {
    id,
    title: typeof title === 'string' ? title : null,
    ...(typeof label === 'string' ? { label } : {}),
    ...(typeof entity === 'string' ? { entity } : {}),
  };
}

/** The values of a links field. */
export function heldLinks(value: unknown): HeldLink[] {
  return Array.isArray(value) ? value.flatMap((one) => heldLink(one) ?? []) : [];
}

/** The entity that a picker of the field searches first; '' where it may be any. */
export function firstTarget(field: CatalogField): string {
  const target = field.to?.[0] ?? '';
  return target === '*' ? '' : target;
}

/** The entities that an anyLink field may point to, of those the reader can browse. */
export function targetsOf(field: CatalogField, browsable: readonly CatalogEntity[]): CatalogEntity[] {
  const to = field.to ?? ['*'];
  return to.includes('*') ? [...browsable] : browsable.filter((entity) => to.includes(entity.id));
}
