import type { CatalogEntity, CatalogField, CatalogForm } from '../../../schemas/catalog.js';
import { WIDE_KINDS } from '../widgets/written.js';

export interface LayoutField {
  field: CatalogField;
  span: 1 | 2 | 3;
}

export interface LayoutSection {
  id: string;
  /** Empty: shown without a heading. */
  title: string;
  columns: 1 | 2 | 3;
  fields: LayoutField[];
  collapsed: boolean;
  /** CEL over the record, or null: always shown. */
  showWhen: string | null;
  /** CEL: its fields are locked where it is true; null: never. */
  readOnlyWhen: string | null;
  /** Id of its tab, or null: above the tabs. */
  tab: string | null;
}

/**
 * The sections of a form with their fields resolved; fields that the reader may not see are left out, and sections
 * left without a field too. Without a form document: one section of the entity's own fields, and what is long below.
 */
export function layoutOf(entity: CatalogEntity, form: CatalogForm | undefined): LayoutSection[] {
  if (!form || form.sections.length === 0) return generated(entity);
  const byKey = new Map(entity.fields.map((field) => [field.key, field]));
  return form.sections
    .map((section) => ({
      id: section.id,
      title: section.title,
      columns: section.columns,
      collapsed: section.collapsed ?? false,
      showWhen: section.showWhen ?? null,
      readOnlyWhen: section.readOnlyWhen ?? null,
      tab: section.tab ?? null,
      fields: section.fields.flatMap((place) => {
        const field = byKey.get(place.field);
        return field ? [{ field, span: Math.min(place.span ?? 1, section.columns) as 1 | 2 | 3 }] : [];
      }),
    }))
    .filter((section) => section.fields.length > 0);
}

/** The sections as they stand in an editing form: without what the actor cannot write, with required fields that no section names. */
export function editableLayout(entity: CatalogEntity, form: CatalogForm | undefined): LayoutSection[] {
  const sections = layoutOf(entity, form)
    .map((section) => ({ ...section, fields: section.fields.filter(({ field }) => isEditable(field)) }))
    .filter((section) => section.fields.length > 0);
  const placed = new Set(sections.flatMap((section) => section.fields.map(({ field }) => field.key)));
  const missed = entity.fields.filter((field) => field.required && isEditable(field) && !placed.has(field.key));
  if (missed.length === 0) return sections;
  return [
    {
      id: 'required',
      title: '',
      columns: 2,
      collapsed: false,
      showWhen: null,
      readOnlyWhen: null,
      tab: null,
      fields: missed.map((field) => ({ field, span: 1 as const })),
    },
    ...sections,
  ];
}

/** True where the actor can write the field in a form. `ownerId` is a system field that people do change. */
export function isEditable(field: CatalogField): boolean {
  return !field.readOnly && field.kind !== 'autoNumber' && (!field.system || field.key === 'ownerId');
}

/** Keys of the sibling fields (currencies) that another field's widget edits. */
export function siblingKeys(entity: CatalogEntity): Set<string> {
  return new Set(entity.fields.flatMap((field) => (field.currencyField ? [field.currencyField] : [])));
}

function generated(entity: CatalogEntity): LayoutSection[] {
  const siblings = siblingKeys(entity);
  const own = entity.fields.filter((field) => (!field.system || field.key === 'ownerId') && !siblings.has(field.key));
  const title = own.filter((field) => field.key === entity.titleField);
  const rest = own.filter((field) => field.key !== entity.titleField);
  const narrow = rest.filter((field) => !WIDE_KINDS.has(field.kind));
  const wide = rest.filter((field) => WIDE_KINDS.has(field.kind));
  const fields = [...title, ...narrow, ...wide].map((field) => ({
    field,
    span: (WIDE_KINDS.has(field.kind) ? 2 : 1) as 1 | 2,
  }));
  return fields.length === 0
    ? []
    : [{ id: 'main', title: '', columns: 2, fields, collapsed: false, showWhen: null, readOnlyWhen: null, tab: null }];
}
