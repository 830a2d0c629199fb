import { didYouMean } from '../base/suggest.js';
import { checkExpression, type ExprType } from '../expression/index.js';
import { exprScope, workspaceLayer, type EntityModel, type FieldModel, type SchemaModel } from '../schema/index.js';
import type { Definition } from './types.js';

/** What the checks look names up in. */
export interface Known {
  readonly schema: SchemaModel;
  definitions(type: string): ReadonlyMap<string, Definition>;
}

/** A definition under check. */
export interface Check {
  readonly known: Known;
  readonly definition: Definition;
  readonly report: (pointer: string, code: string, message: string) => void;
}

/** Null, and a report, where there is none. */
export function findEntity(check: Check, id: unknown, pointer: string): EntityModel | null {
  const { entities } = check.known.schema;
  const entity = entities.get(String(id));
  if (!entity)
    check.report(
      pointer,
      'definition.unknown_entity',
      `unknown entity "${String(id)}".${didYouMean(String(id), entities.keys())}`,
    );
  return entity ?? null;
}

/** Null, and a report, where the entity has none of that key, or only a retired one. */
export function findField(check: Check, entity: EntityModel, key: unknown, pointer: string): FieldModel | null {
  const word = String(key);
  const field = entity.fields.get(word);
  if (field && !field.retired) return field;
  const known = [...entity.fields.values()].filter((each) => !each.retired).map((each) => each.key);
  check.report(
    pointer,
    'definition.unknown_field',
    field
      ? `"${word}" of ${entity.title} is retired; restore it, or take it out here.`
      : `${entity.title} has no field "${word}".${didYouMean(word, known)}`,
  );
  return null;
}

/** A field, or a path over links to one: `company.name`. */
export function findPath(check: Check, entity: EntityModel, path: unknown, pointer: string): FieldModel | null {
  const steps = String(path).split('.');
  let current = entity;
  for (const [i, step] of steps.entries()) {
    const field = findField(check, current, step, pointer);
    if (!field || i === steps.length - 1) return field;
    const target = field.kind.relation === 'one' ? check.known.schema.entities.get(field.to[0]) : undefined;
    if (!target) {
      check.report(
        pointer,
        'definition.no_path',
        `"${steps.slice(0, i + 1).join('.')}" is no link to one record, so nothing can follow it.`,
      );
      return null;
    }
    current = target;
  }
  return null;
}

/** Reports a name of another definition that is not there; those of plugins that are away are passed over where `lenient`. */
export function findDefinition(
  check: Check,
  type: string,
  id: string,
  { pointer, lenient = false }: { readonly pointer: string; readonly lenient?: boolean },
): Definition | null {
  const all = check.known.definitions(type);
  const found = all.get(id);
  if (!found && !(lenient && !isInstalled(check, id)))
    check.report(
      pointer,
      `definition.unknown_${type.replaceAll('-', '_')}`,
      `unknown ${type.replaceAll('-', ' ')} "${id}".${didYouMean(id, all.keys())}`,
    );
  return found ?? null;
}

/** True where the plugin of a name is there; the workspace always is, with or without entities of its own. */
export function isInstalled(check: Check, id: string): boolean {
  const prefix = `${id.split('.')[0]}.`;
  if (prefix === `${workspaceLayer}.`) return true;
  return [...check.known.schema.entities.keys()].some((entity) => entity.startsWith(prefix));
}

const booleanType: ExprType = { t: 'boolean' };

/** Reports a condition that does not check; what is no text is passed over. */
export function checkCel(check: Check, entity: EntityModel, text: unknown, pointer: string): void {
  if (typeof text !== 'string') return;
  try {
    checkExpression(text, exprScope(check.known.schema, entity.id), booleanType);
  } catch (error) {
    check.report(pointer, 'definition.bad_expression', error instanceof Error ? error.message : String(error));
  }
}

/** A list, or an empty one where there is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
