import type { CheckedExpression, EvalEnv, ExprScope, ExprType } from '../../../core/expression/index.js';
import { checkExpression, evaluate, fitNumber, recordEnv, toJson } from '../../../core/expression/index.js';
import type { CatalogEntity, CatalogField } from '../meta/index.js';

/** What a condition knows besides the record. */
export interface ConditionEnv {
  now: Date;
  /** IANA zone. */
  zone: string;
  /** The reader's id. */
  me: string | null;
}

/** A condition over records in API form; true also where the expression cannot be checked here (the server decides then). */
export type Condition = (record: object, env: ConditionEnv) => boolean;

/** Checks a condition once; it may then be asked for every keystroke. Only the fields it names are read. */
export function conditionOf(
  source: string,
  entity: CatalogEntity,
  lookup: (id: string) => CatalogEntity | undefined,
): Condition {
  const checked = tryCheck(source, entity, lookup);
  if (checked === null) return () => true;
  const formulas = formulasOf(entity, lookup);
  return (record, env) => {
    const fields = recordEnv(record, env);
    const values: EvalEnv = {
      ...fields,
      get: (path) => {
        if (path.length > 1) return fields.get(path);
        const formula = formulas(path[0]);
        if (formula) return toJson(evaluate(formula, values));
        return path[0] === 'me' ? env.me : fields.get(path);
      },
    };
    return evaluate(checked, values) === true;
  };
}

/**
 * Formulas by key, so that a condition sees what they would give for the values being edited. Null for other fields, and for
 * formulas that follow links: a form holds no fields of other records, so that their stored value counts.
 */
function formulasOf(
  entity: CatalogEntity,
  lookup: (id: string) => CatalogEntity | undefined,
): (key: string) => CheckedExpression | null {
  const known = new Map<string, CheckedExpression | null>();
  return (key) => {
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const field = entity.fields.find((candidate) => candidate.key === key);
    const checked = field?.expression === undefined ? null : tryCheckFormula(field, entity, lookup);
    known.set(key, checked);
    return checked;
  };
}

const wholeKinds = new Set(['integer', 'duration']);
/** Places of a number where a formula names none. */
const mostPlaces = 12;

function tryCheckFormula(
  field: CatalogField,
  entity: CatalogEntity,
  lookup: (id: string) => CatalogEntity | undefined,
): CheckedExpression | null {
  try {
    const checked = checkExpression(field.expression ?? '', scopeOf(entity, lookup), typeOf(field));
    const isForeign = checked.paths.some(
      ([key, ...rest]) => rest.length > 0 && entity.fields.find((each) => each.key === key)?.to !== undefined,
    );
    const places = wholeKinds.has(field.returns ?? '') ? 0 : Math.min(field.scale ?? mostPlaces, mostPlaces);
    return isForeign ? null : fitNumber(checked, places);
  } catch {
    return null;
  }
}

function tryCheck(
  source: string,
  entity: CatalogEntity,
  lookup: (id: string) => CatalogEntity | undefined,
): CheckedExpression | null {
  try {
    return checkExpression(source, scopeOf(entity, lookup), { t: 'boolean' });
  } catch {
    // A condition over a field that this reader may not see: show the section rather than break the form.
    return null;
  }
}

/** The names that an expression over the entity may use, as far as the reader's catalog goes. */
export function scopeOf(entity: CatalogEntity, lookup: (id: string) => CatalogEntity | undefined): ExprScope {
  return {
    entity: entity.id,
    variables: { me: { t: 'record', entities: ['core.user'] } },
    members: (id) => {
      const found = id === entity.id ? entity : lookup(id);
      return found ? new Map(found.fields.map((field) => [field.key, typeOf(field)])) : null;
    },
  };
}

function typeOf(field: CatalogField): ExprType {
  if (field.exprType === 'list')
    return { t: 'list', of: field.to?.length ? { t: 'record', entities: field.to } : { t: 'text' } };
  if (field.exprType === 'record') return { t: 'record', entities: field.to ?? [] };
  if (field.exprType === 'object') return { t: 'object', name: field.kind, members: membersOf(field.schema) };
  return { t: field.exprType as 'text' | 'number' | 'boolean' | 'date' | 'dateTime' | 'json' };
}

function membersOf(schema: Record<string, unknown>): Record<string, ExprType> {
  const properties = (schema.properties ?? {}) as Record<string, { type?: string | string[] }>;
  return Object.fromEntries(
    Object.entries(properties).map(([key, { type }]) => [
      key,
      { t: [type].flat().includes('number') ? 'number' : 'text' },
    ]),
  );
}
