import { didYouMean, suggest } from '../base/suggest.js';
import type { Report } from './build.js';
import type { EntityModel } from './model.js';

/** Checks by which link another record decides who sees this one: there is such a link, to one record, and no circle of them. */
export function checkParents(entities: ReadonlyMap<string, EntityModel>, report: Report): void {
  const at = '/x-entity/access/parent';
  for (const entity of entities.values()) {
    const { access } = entity;
    if (access.default !== 'parent') continue;
    const name = `entity:${entity.id}`;
    const field = entity.fields.get(access.parent);
    if (!field || field.retired)
      report(
        name,
        at,
        'definition.unknown_field',
        `${entity.title} has no field "${access.parent}".${didYouMean(access.parent, entity.fields.keys())}`,
        suggest(access.parent, entity.fields.keys()) ?? undefined,
      );
    else if (field.kind.relation !== 'one')
      report(name, at, 'definition.not_a_link', `"${field.key}" is no link to one record, so none can decide.`);
    else if (isCircle(entities, entity))
      report(name, at, 'definition.access_circle', `by "${field.key}" ${entity.title} would be decided by itself.`);
  }
}

function isCircle(entities: ReadonlyMap<string, EntityModel>, start: EntityModel): boolean {
  const seen = new Set<string>();
  for (let entity: EntityModel | undefined = start; entity && !seen.has(entity.id);) {
    seen.add(entity.id);
    const target = parentOf(entity);
    if (target === start.id) return true;
    entity = target === undefined ? undefined : entities.get(target);
  }
  return false;
}

function parentOf({ access, fields }: EntityModel): string | undefined {
  return access.default === 'parent' ? fields.get(access.parent)?.to[0] : undefined;
}
