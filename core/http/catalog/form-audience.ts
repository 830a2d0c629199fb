import type { CatalogForm } from '../../../schemas/catalog.js';
import type { DescribeInput } from './describe-entity.js';

/** True where the form is meant for one of the actor's roles, and its condition names nothing that the actor may not read. */
export function isForActor({ ctx, readable }: DescribeInput, form: CatalogForm): boolean {
  const { actor } = ctx;
  if (form.roles && actor.kind === 'user' && !form.roles.some((role) => actor.roles.includes(role))) return false;
  return readable.mayRead(form.entity, form.when);
}

/** Tabs whose condition the actor may read and on which a section is left. */
export function shownTabs(
  { readable }: DescribeInput,
  form: CatalogForm,
  sections: CatalogForm['sections'],
): CatalogForm['tabs'] {
  return form.tabs?.filter(
    (tab) => readable.mayRead(form.entity, tab.showWhen) && sections.some((section) => section.tab === tab.id),
  );
}

/** A condition that the actor may not read locks the section: better too little than what was not meant. */
export function lockOf(
  { readable }: DescribeInput,
  entity: string,
  { readOnlyWhen }: CatalogForm['sections'][number],
): { readOnlyWhen?: string } {
  return readOnlyWhen === undefined || readable.mayRead(entity, readOnlyWhen) ? {} : { readOnlyWhen: 'true' };
}
