import type { CoerceEnv, EntityModel, FieldModel } from '../schema/index.js';

const env: CoerceEnv = { region: 'US', zone: 'UTC', dateOrder: 'ymd', decimalSeparator: '.' };

/** True where the suite may write the field: it is the record's own, stands in columns or a join table, and is not computed. */
export function isWritable(field: FieldModel): boolean {
  return (
    !field.system &&
    !field.retired &&
    !field.formula &&
    !field.rollup &&
    !field.lines &&
    field.kind.insertSql === undefined &&
    field.kind.valueSchema(field).readOnly !== true
  );
}

/** Fields whose value stands in the entity's own columns, in column form by `encode`. */
export function isPlain(field: FieldModel): boolean {
  return field.kind.relation === undefined && !field.kind.sealed && isWritable(field);
}

/**
 * The n-th value of a field that is no link, in canonical form: other n give other values as far as the kind has any. Made of what
 * the kind says of itself, so that a new kind needs nothing here. `undefined`: none could be made.
 */
export function sampleValue(field: FieldModel, n: number): unknown {
  const tried = [...candidates(field, n), ...rotated(field.kind.cases.valid, n).map(({ input }) => input)];
  for (const value of tried) {
    const made = accepted(field, value);
    if (made !== undefined) return made;
  }
  return undefined;
}

/** A word that is found by search and stands nowhere else. */
export function markerWord(n: number): string {
  return `zq${String.fromCharCode(97 + (n % 26))}${(n * 7919 + 1000).toString(36)}x`;
}

/** Fields of an entity that the suite fills. */
export function writableFields(entity: EntityModel): FieldModel[] {
  return [...entity.fields.values()].filter(isWritable);
}

/** True where the field takes the value as it is. */
export function isValue(field: FieldModel, value: unknown): boolean {
  return accepted(field, value) === value;
}

function accepted(field: FieldModel, value: unknown): unknown {
  if (!matches(field.kind.valueSchema(field), value) || !matches(field.schema, value)) return undefined;
  try {
    const normal = field.kind.normalize(value, field, env);
    return normal.ok ? normal.value : undefined;
  } catch {
    // What a kind is not meant for is no value of it.
    return undefined;
  }
}

function candidates(field: FieldModel, n: number): unknown[] {
  const schema = { ...field.kind.valueSchema(field), ...field.schema } as Record<string, unknown>;
  const options = field.options.filter((option) => !option.retired).map(({ value }) => value);
  if (options.length > 0) {
    const one = options[n % options.length];
    return schema.type === 'array' ? [[one]] : [one];
  }
  const type = schema.type;
  if (type === 'boolean') return [n % 2 === 0];
  if (type === 'integer' || type === 'number') {
    const low = Number(schema.minimum ?? 1);
    const high = Number(schema.maximum ?? low + 900);
    const step = schema.multipleOf === undefined ? 1 : Number(schema.multipleOf);
    return [low + ((n * 37 * step) % Math.max(high - low, 1)), low + (n % 2), low];
  }
  if (type === 'array') return [[markerWord(n)]];
  const dated = [
    `${2030 + (n % 40)}-0${1 + (n % 9)}-1${n % 10}`,
    `${2030 + (n % 40)}-0${1 + (n % 9)}-1${n % 10}T10:00:00.000Z`,
  ];
  const samples = rotated(field.kind.cases.valid, n).map(({ input }) => input);
  const texts = samples.filter((input): input is string => typeof input === 'string' && input.trim() !== '');
  const varied = texts.flatMap((text) => [`${markerWord(n)}${text.trim()}`, `${text.trim()}/${markerWord(n)}`]);
  const numbered = texts.map((text) => text.replace(/\d{2}$/, String(10 + (n % 89))));
  const isDated = field.kind.exprType(field).t.startsWith('date');
  return [...(isDated ? dated : []), markerWord(n), ...varied, ...numbered];
}

/** Enough of JSON Schema for the bounds that fields have. */
function matches(schema: Readonly<Record<string, unknown>>, value: unknown): boolean {
  const { type, minimum, maximum, maxLength, minLength, pattern } = schema;
  if (type === 'string' && typeof value !== 'string') return false;
  if ((type === 'integer' || type === 'number') && typeof value !== 'number') return false;
  if (type === 'integer' && !Number.isInteger(value)) return false;
  if (type === 'boolean' && typeof value !== 'boolean') return false;
  if (type === 'array' && !Array.isArray(value)) return false;
  if (type === 'object' && (typeof value !== 'object' || value === null)) return false;
  if (typeof value === 'number') return value >= Number(minimum ?? -Infinity) && value <= Number(maximum ?? Infinity);
  if (typeof value !== 'string') return true;
  if (value.length > Number(maxLength ?? 1e6) || value.length < Number(minLength ?? 0)) return false;
  return typeof pattern !== 'string' || new RegExp(pattern, 'u').test(value);
}

function rotated<T>(list: readonly T[], n: number): T[] {
  if (list.length === 0) return [];
  const at = n % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
