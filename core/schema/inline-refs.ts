/**
 * A JSON Schema with each `#/$defs/…` replaced by what it names, so that a field's schema stands by itself. The references
 * must be free of circles (validateDefinition sees to it); null where it would grow past 2,000 values.
 */
export function inlineRefs(
  schema: Readonly<Record<string, unknown>>,
  defs: Readonly<Record<string, unknown>>,
): Record<string, unknown> | null {
  const budget = { left: 2000 };
  if (isFree(schema, budget)) return schema as Record<string, unknown>;
  budget.left = 2000;
  const inlined = inline(schema, defs, budget, 0);
  return budget.left > 0 ? (inlined as Record<string, unknown>) : null;
}

/** True of a small schema without references, which most are: it stands by itself already. */
function isFree(value: unknown, budget: { left: number }): boolean {
  if (--budget.left <= 0) return false;
  if (typeof value !== 'object' || value === null) return true;
  if (Object.hasOwn(value, '$ref')) return false;
  for (const key in value) if (!isFree((value as Record<string, unknown>)[key], budget)) return false;
  return true;
}

function inline(
  value: unknown,
  defs: Readonly<Record<string, unknown>>,
  budget: { left: number },
  depth: number,
): unknown {
  if (--budget.left <= 0 || depth > 100) {
    budget.left = 0;
    return {};
  }
  if (Array.isArray(value)) return value.map((inner) => inline(inner, defs, budget, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...rest } = value as { $ref?: unknown };
  const own = Object.fromEntries(
    Object.entries(rest).map(([key, inner]) => [key, inline(inner, defs, budget, depth + 1)]),
  );
  if (typeof $ref !== 'string') return own;
  const name = $ref.replace('#/$defs/', '');
  const target = Object.hasOwn(defs, name) ? inline(defs[name], defs, budget, depth + 1) : {};
  return Object.keys(own).length === 0
    ? target
    : { ...own, allOf: [target, ...((own.allOf as unknown[] | undefined) ?? [])] };
}
