import { Decimal } from 'decimal.js';

/**
 * Exact decimals. The precision is never reached: `check` refuses expressions whose result could need more digits
 * (see `Digits`), so add, subtract and multiply are exact, as they are in PostgreSQL.
 */
export const Num = Decimal.clone({
  precision: 4000,
  rounding: Decimal.ROUND_HALF_EVEN,
  toExpNeg: -9e15,
  toExpPos: 9e15,
  modulo: Decimal.ROUND_DOWN,
});

export type { Decimal };

/** The most digits a number may have: before and after the point. */
export interface Digits {
  readonly whole: number;
  readonly fraction: number;
}

/** Digits that a field's value may have; the widest kinds stay well below. */
export const fieldDigits: Digits = { whole: 60, fraction: 30 };
/** Digits of both parts together that no result may exceed. */
export const maxDigits = 2000;
/** Places that a quotient is rounded to. */
export const quotientPlaces = 12;

const shift = new Num(10).pow(quotientPlaces);

/** a ÷ b, rounded to 12 places, halves to the even neighbour; null where b is zero. Twin: `trellis.expr_div`. */
export function divide(a: Decimal, b: Decimal): Decimal | null {
  if (b.isZero()) return null;
  const scaled = a.times(shift);
  const whole = scaled.divToInt(b);
  const rest = scaled.minus(whole.times(b)).abs().times(2);
  const half = rest.cmp(b.abs());
  const up = half > 0 || (half === 0 && !whole.mod(2).isZero());
  const rounded = up ? whole.plus(a.isNegative() === b.isNegative() ? 1 : -1) : whole;
  return rounded.times('0.000000000001');
}

/** a − b·⌊a/b⌋: the sign is the divisor's, as in spreadsheets; null where b is zero. Twin: `trellis.expr_mod`. */
export function modulo(a: Decimal, b: Decimal): Decimal | null {
  if (b.isZero()) return null;
  const rest = a.mod(b);
  return rest.isZero() || rest.isNegative() === b.isNegative() ? rest : rest.plus(b);
}

/** Rounds halves away from zero; negative places round to tens, hundreds … Twin: `round(numeric, int)`. */
export function roundTo(value: Decimal, places: number): Decimal {
  return places >= 0
    ? value.toDecimalPlaces(places, Num.ROUND_HALF_UP)
    : value.toNearest(new Num(10).pow(-places), Num.ROUND_HALF_UP);
}

/** The number without its fraction as a JavaScript integer, held within ± `limit`. */
export function toInteger(value: Decimal, limit: number): number {
  return Math.max(-limit, Math.min(limit, value.trunc().toNumber()));
}

/** Plain digits, no exponent, no trailing zeros, no negative zero. Twin: `trim_scale(numeric)::text`. */
export function formatNumber(value: Decimal): string {
  return value.isZero() ? '0' : value.toFixed();
}
