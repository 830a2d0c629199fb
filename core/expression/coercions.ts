import { dateOf, formatInstant, localInstant, parseDate, parseInstant, startOfDay, instant } from './calendar.js';
import { formatNumber, roundTo, type Decimal } from './decimal.js';
import { applyNode, literalNode, type Node } from './node.js';
import type { Call, Overload, Say } from './overload.js';
import type { EvalEnv, ExprDate, ExprInstant, ExprType, ExprValue } from './types.js';

/** Conversions that the checker puts in by itself. Rules that offer one by name use the same entry. */

/** date → dateTime: midnight in the zone. */
export const dayStart = conversion(
  'date -> dateTime',
  (date: ExprDate, env: EvalEnv) => startOfDay(date, env.zone),
  (c) => `(${c.arg(0)}::timestamp at time zone ${zoneParam(c)})`,
);

/** dateTime → date, in the zone. */
export const dayOf = conversion(
  'dateTime -> date',
  (at: ExprInstant, env: EvalEnv) => dateOf(at, env.zone),
  (c) => `(${c.arg(0)} at time zone ${zoneParam(c)})::date`,
);

/** A literal local time → dateTime, in the zone. */
const localTime = conversion(
  'text -> dateTime',
  (text: string, env: EvalEnv) => {
    const parsed = parseInstant(text);
    return parsed === null ? null : instant('ms' in parsed ? parsed.ms : localInstant(parsed.local, env.zone));
  },
  () => 'null::timestamptz', // never asked for: a literal is a constant
);

/** Anything printable → text. */
const printers: Readonly<Partial<Record<ExprType['t'], Overload>>> = {
  number: conversion(
    'number -> text',
    (value: Decimal) => formatNumber(value),
    (c) => `trim_scale(${c.arg(0)})::text`,
  ),
  boolean: conversion(
    'boolean -> text',
    (value: boolean) => String(value),
    (c) => `${c.arg(0)}::text`,
  ),
  date: conversion(
    'date -> text',
    (value: ExprDate) => value.date,
    (c) => `to_char(${c.arg(0)}, 'YYYY-MM-DD')`,
    { isStable: true },
  ),
  dateTime: conversion(
    'dateTime -> text',
    (value: ExprInstant) => formatInstant(value),
    (c) => `to_char(${c.arg(0)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    { isStable: true },
  ),
  record: conversion(
    'record -> text',
    (value: string) => value,
    (c) => `${c.arg(0)}::text`,
  ),
};

/** The zone as a parameter. */
export function zoneParam(c: Call): string {
  return c.env.param(c.env.zone, 'text');
}

/** The node as text, or null where its type has none. Null stays null. */
export function printed(node: Node): Node | null {
  if (node.type.t === 'text') return node;
  if (node.type.t === 'null') return typedNull(node, text);
  const overload = printers[node.type.t];
  return overload ? applyNode('TEXT', overload, [node], text, node.at) : null;
}

/** A node of type null is null whatever it says: as a null of the type that its place asks for. */
export function typedNull(node: Node, type: ExprType): Node {
  return literalNode(null, type, node.at);
}

/** The node as `type`, where the conversion mode allows it, or null. Throws through `say` where a literal is no such date. */
export function converted(node: Node, type: ExprType, say: Say): Node | null {
  if (type.t === 'dateTime' && node.type.t === 'date') return applyNode('DATETIME', dayStart, [node], type, node.at);
  if (!isTextLiteral(node)) return null;
  if (type.t === 'date') return dateLiteral(node, say);
  if (type.t === 'dateTime') return instantLiteral(node, say);
  return null;
}

/** Whether `converted` would try: by types alone, without looking into the literal. */
export function isConvertible(node: Node, type: ExprType): boolean {
  return (
    (type.t === 'dateTime' && (node.type.t === 'date' || isTextLiteral(node))) ||
    (type.t === 'date' && isTextLiteral(node))
  );
}

/** The number rounded to its places (0 to 12), halves away from zero; null where more than 15 digits stand before the point. */
export function fitted(node: Node, places: number): Node {
  return applyNode('FIT', fits(places), [node], { t: 'number' }, node.at);
}

function fits(places: number): Overload {
  const js = (value: Decimal): ExprValue => {
    const rounded = roundTo(value, places);
    return rounded.abs().gte(wholeLimit) ? null : rounded;
  };
  return conversion('number -> number', js, (c) => `trellis.expr_fit(${c.arg(0)}, ${places})`, {
    digits: () => ({ whole: 15, fraction: places }),
  });
}

/** What a field's number stays below. */
const wholeLimit = '1e15';

export function isTextLiteral(node: Node): node is Node & { readonly kind: 'literal'; readonly value: string } {
  return node.kind === 'literal' && typeof node.value === 'string' && node.type.t === 'text';
}

/** A text literal as a date; refused where it is none. */
export function dateLiteral(node: Node & { readonly value: string }, say: Say): Node {
  const date = parseDate(node.value);
  if (date === null) throw say(node, `'${node.value.slice(0, 40)}' is not a date.`, "Write dates as '2024-05-31'.");
  return literalNode(date, { t: 'date' }, node.at);
}

function instantLiteral(node: Node & { readonly value: string }, say: Say): Node {
  const date = parseDate(node.value);
  if (date !== null)
    return applyNode('DATETIME', dayStart, [literalNode(date, { t: 'date' }, node.at)], { t: 'dateTime' }, node.at);
  const parsed = parseInstant(node.value);
  const isOutside = parsed !== null && 'ms' in parsed && instant(parsed.ms) === null;
  if (parsed === null || isOutside)
    throw say(
      node,
      `'${node.value.slice(0, 40)}' is not a date and time.`,
      "Write '2024-05-31', '2024-05-31T09:30' or '2024-05-31T09:30:00Z'.",
    );
  return applyNode('DATETIME', localTime, [literalNode(node.value, text, node.at)], { t: 'dateTime' }, node.at);
}

const text: ExprType = { t: 'text' };

function conversion(
  signature: string,
  js: (...args: never[]) => ExprValue,
  sql: (c: Call) => string,
  more: Pick<Overload, 'isStable' | 'digits'> = {},
): Overload {
  return {
    ...more,
    signature,
    match: () => null,
    js,
    sql,
    nulls: 'spread',
    nullable: 'always',
    twoValued: false,
    isCondition: () => false,
  };
}
