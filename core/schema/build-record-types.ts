import { didYouMean } from '../base/suggest.js';
import type { Report, SourceDefinition } from './build.js';
import { kindOf } from './kinds/index.js';
import type { FieldKind } from './kinds/kind.js';
import type { EntityModel, FieldModel, RecordTypeModel } from './model.js';
import { recordTypeKey } from './names.js';
import { pointerStep } from './problem.js';

type JsonObject = Readonly<Record<string, unknown>>;

const titles: Readonly<Record<string, string>> = { en: 'Record type', 'zh-CN': '记录类型' };

/** Title of the field `recordType` in a language. English where the language is not known. */
export function recordTypeTitle(locale: string): string {
  return titles[locale] ?? titles.en;
}

/** Record types by entity, in their order: by `order`, then by id. Whether what they name exists is checked with the entity. */
export function collectRecordTypes(definitions: readonly SourceDefinition[]): Map<string, RecordTypeModel[]> {
  const found = new Map<string, RecordTypeModel[]>();
  for (const { id, document } of definitions) {
    const entity = String(document.entity);
    found.set(entity, [...(found.get(entity) ?? []), recordTypeOf(id, entity, document)]);
  }
  for (const list of found.values()) list.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  return found;
}

/** The choice between the record types of an entity; a new record takes the default one. */
export function recordTypeField(entity: string, uuid: string, types: readonly RecordTypeModel[]): FieldModel {
  const standard = types.find((type) => type.isDefault && !type.retired)?.id;
  return {
    key: recordTypeKey,
    entity,
    uuid,
    kind: kindOf('choice') as FieldKind,
    title: titles.en,
    required: false,
    system: false,
    readOnly: false,
    unique: false,
    searchable: false,
    sensitivity: 'normal',
    ...(standard === undefined ? {} : { default: standard }),
    options: types.map(({ id, title, color, retired }) => ({
      value: id,
      title,
      ...(color === undefined ? {} : { color }),
      ...(retired ? { retired } : {}),
    })),
    to: [],
    onDelete: 'setNull',
    labels: [],
    retired: false,
    schema: standard === undefined ? {} : { default: standard },
    x: { kind: 'choice' },
  };
}

/** Checks that entities, choices and options that record types name are there, and that one at most is the default. */
export function checkRecordTypes(
  entities: ReadonlyMap<string, EntityModel>,
  types: ReadonlyMap<string, readonly RecordTypeModel[]>,
  report: Report,
): void {
  for (const [id, list] of types) {
    const entity = entities.get(id);
    const standard = list.filter((type) => type.isDefault && !type.retired);
    for (const type of list) {
      const name = `record-type:${type.id}`;
      if (!entity)
        report(
          name,
          '/entity',
          'definition.unknown_entity',
          `unknown entity "${id}".${didYouMean(id, entities.keys())}`,
        );
      else for (const [key, values] of type.options) checkOptions(entity, key, values, name, report);
    }
    for (const type of standard.slice(1))
      report(
        `record-type:${type.id}`,
        '/default',
        'definition.two_defaults',
        `"${standard[0].id}" is the default already`,
      );
  }
}

function checkOptions(entity: EntityModel, key: string, values: readonly string[], name: string, report: Report): void {
  const at = `/options${pointerStep(key)}`;
  const field = entity.fields.get(key);
  if (!field || field.retired)
    return report(
      name,
      at,
      'definition.unknown_field',
      `${entity.title} has no field "${key}".${didYouMean(key, entity.fields.keys())}`,
    );
  const known = field.options.map((option) => option.value);
  if (known.length === 0 || key === recordTypeKey)
    return report(name, at, 'definition.no_options', `"${key}" is no choice whose options could be narrowed`);
  values.forEach((value, i) => {
    if (!known.includes(value))
      report(
        name,
        `${at}/${i}`,
        'definition.unknown_option',
        `"${key}" has no option "${value}".${didYouMean(value, known)}`,
      );
  });
}

function recordTypeOf(id: string, entity: string, document: JsonObject): RecordTypeModel {
  const text = (key: string): Record<string, string> =>
    typeof document[key] === 'string' ? { [key]: document[key] } : {};
  return {
    id,
    entity,
    title: typeof document.title === 'string' ? document.title : id,
    ...text('description'),
    ...text('icon'),
    ...text('color'),
    ...text('form'),
    isDefault: document.default === true,
    order: typeof document.order === 'number' ? document.order : 0,
    retired: document.retired === true,
    options: new Map(Object.entries((document.options ?? {}) as Record<string, string[]>)),
    defaults: (document.defaults ?? {}) as JsonObject,
  };
}
