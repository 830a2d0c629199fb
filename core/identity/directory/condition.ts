/** A condition over users or groups of a directory; attributes are named as RFC 7643 does, in small letters. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'compare'; readonly attribute: string; readonly op: Comparison; readonly value: Plain };

export type Comparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export type Plain = string | number | boolean | null;

/** True where the values of the attributes meet the condition; several values of one attribute: where any does. */
export function meets(condition: Condition, valuesOf: (attribute: string) => readonly Plain[]): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => meets(part, valuesOf));
    case 'or':
      return condition.parts.some((part) => meets(part, valuesOf));
    case 'not':
      return !meets(condition.part, valuesOf);
    case 'present':
      return valuesOf(condition.attribute).some((value) => value !== null && value !== '');
    default: {
      const { op, attribute, value } = condition;
      const values = valuesOf(attribute);
      if (op === 'ne') return !values.some((each) => holds('eq', each, value, attribute));
      return values.some((each) => holds(op, each, value, attribute));
    }
  }
}

/** Ids and external ids are told apart by their letters' case; names and addresses are not (RFC 7643 §4). */
export function isExact(attribute: string): boolean {
  return ['id', 'externalid', 'members', 'members.value', 'groups', 'groups.value'].includes(attribute);
}

function holds(op: Comparison, have: Plain, wanted: Plain, attribute: string): boolean {
  if (typeof have !== 'string' || typeof wanted !== 'string') return op === 'eq' && have === wanted;
  const [a, b] = isExact(attribute) ? [have, wanted] : [have.toLowerCase(), wanted.toLowerCase()];
  if (op === 'eq') return a === b;
  if (op === 'co') return a.includes(b);
  if (op === 'sw') return a.startsWith(b);
  if (op === 'ew') return a.endsWith(b);
  if (op === 'gt') return a > b;
  if (op === 'ge') return a >= b;
  return op === 'lt' ? a < b : a <= b;
}
