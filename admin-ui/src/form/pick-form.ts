import type { CatalogForm } from '../meta/index.js';

/**
 * The form for a record, of an entity's forms in their order: the one that its record type names; else the first of those meant
 * for some records or users that fits; else the default one. Whom a form is meant for was judged by the server, which tells
 * only those that the user may get. `holds` says whether a condition holds for the record; null stands for no form at all.
 */
export function pickForm(
  forms: readonly CatalogForm[],
  record: { readonly type: unknown; readonly formOfType: string | undefined },
  holds: (when: string) => boolean,
): CatalogForm | null {
  const ofType = forms.find((form) => form.id === record.formOfType);
  if (ofType) return ofType;
  const isMeant = (form: CatalogForm): boolean =>
    form.when !== undefined || hasSome(form.recordTypes) || hasSome(form.roles);
  const fits = (form: CatalogForm): boolean =>
    (!hasSome(form.recordTypes) || form.recordTypes?.includes(String(record.type)) === true) &&
    (form.when === undefined || holds(form.when));
  return (
    forms.find((form) => isMeant(form) && fits(form)) ??
    forms.find((form) => form.default) ??
    forms.find((form) => !isMeant(form)) ??
    forms[0] ??
    null
  );
}

const hasSome = (list: readonly string[] | undefined): boolean => list !== undefined && list.length > 0;
