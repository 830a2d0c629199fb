import type { Report } from './build.js';
import type { EntityModel, InverseModel } from './model.js';
import { fieldKeyProblem } from './names.js';
import { pointerStep } from './problem.js';

/** Related lists by the entity on which they show: of every link that names an inverse. `*` reaches all entities that are not hidden. */
export function collectInverses(
  entities: ReadonlyMap<string, EntityModel>,
  report: Report,
): Map<string, InverseModel[]> {
  const inverses = new Map<string, InverseModel[]>();
  for (const entity of entities.values()) {
    for (const field of entity.fields.values()) {
      if (field.inverse === undefined || field.kind.relation === undefined || field.retired) continue;
      const pointer = `/properties${pointerStep(field.key)}/x-field/inverse`;
      const problem = fieldKeyProblem(field.inverse);
      if (problem) report(`entity:${entity.id}`, pointer, 'definition.bad_key', problem);
      const given = field.x.inverse as string | { title?: string };
      const title = (typeof given === 'object' ? given.title : undefined) ?? entity.titlePlural;
      const targets = field.to.includes('*')
        ? [...entities.values()]
            .filter((target) => !target.hidden && target.id !== entity.id)
            .map((target) => target.id)
        : field.to;
      for (const id of targets) {
        const target = entities.get(id);
        if (!target) continue;
        const list = inverses.get(id) ?? [];
        const clash = target.fields.has(field.inverse)
          ? 'a field of its own'
          : list.some((other) => other.key === field.inverse)
            ? 'another related list'
            : null;
        if (clash)
          report(
            `entity:${entity.id}`,
            pointer,
            'definition.inverse_clash',
            `${target.title} has ${clash} with the key "${field.inverse}"; choose another`,
          );
        else list.push({ key: field.inverse, title, entity: entity.id, field: field.key });
        inverses.set(id, list);
      }
    }
  }
  return inverses;
}
