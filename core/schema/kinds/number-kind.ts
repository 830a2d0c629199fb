import { numberOperators } from '../operators.js';
import { parseNumber } from '../parse/number.js';
import { columnKind, narrowed, ok, refuse } from './column-kind.js';
import type { ColumnKindSpec } from './column-kind.js';
import type { FieldModel } from '../model.js';
import type { Coerced, FieldKind } from './kind.js';

type NumberKindSpec = Pick<ColumnKindSpec, 'id' | 'pgType' | 'bytes' | 'widget' | 'cases'> &
  Partial<FieldKind> & {
    /** Bounds and type beneath what the field's author narrows. */
    readonly base: (field: FieldModel) => Record<string, unknown>;
    readonly whole: boolean;
  };

/** A kind whose value is a JSON number of at most 15 significant digits: what a double carries without loss. */
export function numberKind(spec: NumberKindSpec): FieldKind {
  const { base, whole, ...rest } = spec;
  return columnKind({
    expr: { t: 'number' },
    indexed: true,
    measures: ['count', 'countDistinct', 'sum', 'avg', 'min', 'max'],
    ops: numberOperators,
    valueSchema: (field) =>
      narrowed(field, base(field), ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']),
    normalize: (value, field) => exact(value as number, whole ? 0 : scaleOf(field)),
    coerce: (text, field, env) => {
      const value = parseNumber(text, env.decimalSeparator);
      if (value === null) return refuse('field.number', `"${text.slice(0, 40)}" is not a number.`);
      const problem = rangeProblem(value, base(field), field);
      return problem ?? exact(value, whole ? 0 : scaleOf(field));
    },
    format: (value) => String(value),
    ...rest,
  });
}

/** Decimal places that the field asks for, or null: any. */
export function scaleOf(field: FieldModel): number | null {
  return typeof field.x.scale === 'number' ? field.x.scale : null;
}

/** Refuses what a double or the field's scale cannot carry exactly; never rounds. */
function exact(value: number, scale: number | null): Coerced {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15)
    return refuse('field.too_many_digits', 'At most 15 digits before the point.', { limit: 15 });
  const [mantissa, exponent = '0'] = String(Math.abs(value)).split('e');
  const [integer, fraction = ''] = mantissa.split('.');
  const digits = (integer + fraction).replace(/^0+/, '').replace(/0+$/, '');
  if (digits.length > 15)
    return refuse('field.too_many_digits', 'A number has at most 15 significant digits here.', { limit: 15 });
  const places = Math.max(0, fraction.length - Number(exponent));
  const limit = scale ?? 15;
  if (value !== 0 && places > limit)
    return refuse(
      'field.too_many_decimals',
      limit === 0 ? 'A whole number is needed.' : `At most ${limit} decimal places.`,
      { limit },
    );
  return ok(value === 0 ? 0 : value);
}

function rangeProblem(value: number, base: Record<string, unknown>, field: FieldModel): Coerced | null {
  const minimum = (field.schema.minimum ?? base.minimum) as number | undefined;
  const maximum = (field.schema.maximum ?? base.maximum) as number | undefined;
  if (minimum !== undefined && value < minimum)
    return refuse('field.too_small', `At least ${minimum}.`, { limit: minimum });
  if (maximum !== undefined && value > maximum)
    return refuse('field.too_large', `At most ${maximum}.`, { limit: maximum });
  return null;
}
