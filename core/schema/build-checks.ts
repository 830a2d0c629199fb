import { didYouMean, suggest } from '../base/suggest.js';
import { longestIndexed } from './kinds/column-kind.js';
import type { Report } from './build.js';
import { computedKinds } from './build-field.js';
import type { EntityModel, FieldModel } from './model.js';
import { pointerStep } from './problem.js';

/** Checks what an entity says of its own fields: title, sort, required, indexes, uniques, rules, column names. */
export function checkEntity(entity: EntityModel, document: Readonly<Record<string, unknown>>, report: Report): void {
  const name = `entity:${entity.id}`;
  const known = (key: unknown, pointer: string): FieldModel | null => {
    const field = entity.fields.get(String(key));
    if (field) return field;
    const word = String(key);
    report(
      name,
      pointer,
      'definition.unknown_field',
      `${entity.title} has no field "${word}".${didYouMean(word, entity.fields.keys())}`,
      suggest(word, entity.fields.keys()) ?? undefined,
    );
    return null;
  };
  const title = known(entity.titleField, '/x-entity/titleField');
  if (title && !canBeTitle(title))
    report(
      name,
      '/x-entity/titleField',
      'definition.bad_title',
      `"${title.key}" is of kind "${title.kind.id}", which cannot be a title${computedKinds.has(title.kind.id) ? ': a title is the same for everybody, and searched and sorted by an index. Let a hook write a text instead, or number the records (autoNumber)' : ''}`,
    );
  entity.defaultSort.forEach((key, i) => {
    const field = known(key.replace(/^-/, ''), `/x-entity/defaultSort/${i}`);
    if (field && field.kind.sortSql(field, 't', '"C"') === null)
      report(
        name,
        `/x-entity/defaultSort/${i}`,
        'definition.not_sortable',
        `records cannot be sorted by "${field.key}"`,
      );
  });
  ((document.required ?? []) as string[]).forEach((key, i) => known(key, `/required/${i}`));
  for (const list of ['indexes', 'unique'] as const) {
    entity[list].forEach((keys, i) =>
      keys.forEach((key, j) => {
        const field = known(key, `/x-entity/${list}/${i}/${j}`);
        if (field && field.kind.columns(field).length === 0)
          report(
            name,
            `/x-entity/${list}/${i}/${j}`,
            'definition.no_column',
            `"${key}" is kept in a table of its own and cannot stand in ${list}`,
          );
      }),
    );
  }
  entity.rules.forEach((rule, i) => {
    if (rule.field !== undefined) known(rule.field, `/x-entity/rules/${i}/field`);
    if (entity.rules.findIndex((other) => other.id === rule.id) !== i)
      report(name, `/x-entity/rules/${i}/id`, 'definition.duplicate_id', `two rules are called "${rule.id}"`);
  });
  entity.privacy?.of.forEach((key, i) => {
    const pointer = `/x-entity/privacy/of/${i}`;
    const field = known(key, pointer);
    if (field && field.kind.relation !== 'one' && field.kind.relation !== 'any')
      report(name, pointer, 'definition.not_a_link', `"${key}" is no link to one record, so nothing belongs by it`);
  });
  checkIndexed(entity, name, report);
  checkColumns(entity, name, report);
}

/** Checks where links point and whether the fields of a link can do what they ask. */
export function checkLinks(entity: EntityModel, entities: ReadonlyMap<string, EntityModel>, report: Report): void {
  for (const field of entity.fields.values()) {
    if (field.system || field.kind.relation === undefined) continue;
    const name = `entity:${entity.id}`;
    const pointer = `/properties${pointerStep(field.key)}/x-field`;
    if (field.to.length === 0)
      report(name, `${pointer}/to`, 'definition.no_target', `the link "${field.key}" must say where it points: "to"`);
    if (field.kind.relation !== 'any' && field.to.length > 1)
      report(
        name,
        `${pointer}/to`,
        'definition.too_many_targets',
        `a field of kind "${field.kind.id}" points to one entity; use "anyLink" for several`,
      );
    for (const target of field.to) {
      if (target === '*' && field.kind.relation === 'any') continue;
      if (entities.has(target)) continue;
      report(
        name,
        `${pointer}/to`,
        'definition.unknown_entity',
        `unknown entity "${target}".${didYouMean(target, entities.keys())}`,
        suggest(target, entities.keys()) ?? undefined,
      );
    }
    if (
      field.onDelete === 'setNull' &&
      field.required &&
      field.kind.relation !== 'many' &&
      field.x.onDelete === 'setNull'
    ) {
      report(
        name,
        `${pointer}/onDelete`,
        'definition.required_set_null',
        `"${field.key}" is required and so cannot be emptied when its target is deleted; use "restrict" or "cascade"`,
      );
    }
  }
}

/** An index entry has a limit of bytes; a longer text would be refused by the database when it is written. */
function checkIndexed(entity: EntityModel, name: string, report: Report): void {
  for (const field of entity.fields.values()) {
    const isIndexed = field.unique || field.index === true || field.key === entity.titleField;
    const { maxLength } = field.schema;
    if (
      isIndexed &&
      typeof maxLength === 'number' &&
      maxLength > longestIndexed &&
      field.kind.sortType(field) === 'text'
    ) {
      report(
        name,
        `/properties${pointerStep(field.key)}/maxLength`,
        'definition.too_long_for_index',
        `"${field.key}" is the title, unique or indexed, so it may have at most ${longestIndexed} characters`,
      );
    }
  }
}

/** A plugin called like a money field could, by its extension, claim the currency's column. */
function checkColumns(entity: EntityModel, name: string, report: Report): void {
  const owners = new Map<string, string>();
  for (const field of entity.fields.values()) {
    for (const column of field.kind.columns(field)) {
      const other = owners.get(column.name);
      if (other !== undefined)
        report(
          name,
          `/properties${pointerStep(field.key)}`,
          'definition.column_clash',
          `"${field.key}" and "${other}" would share the column "${column.name}"; rename one`,
        );
      owners.set(column.name, field.key);
    }
  }
}

/** One stored value that is the same for every reader: what is computed shows each of them what it may see. */
function canBeTitle(field: FieldModel): boolean {
  const { relation, sealed } = field.kind;
  return (
    relation === undefined &&
    sealed !== true &&
    !computedKinds.has(field.kind.id) &&
    field.kind.columns(field).length === 1
  );
}
