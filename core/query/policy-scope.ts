import type { Scoped } from './types.js';

const whole = new WeakMap<Scoped, Scoped>();

/**
 * The scope in which a role's condition on rows is judged: all fields of the record itself, also those that the role hides. The
 * condition is the administrator's, not the reader's; what stands behind links is judged as the reader sees it.
 */
export function policyScope(scope: Scoped): Scoped {
  const known = whole.get(scope);
  if (known) return known;
  const made: Scoped = { ...scope, fields: new Map([...scope.entity.fields.keys()].map((key) => [key, 'read'])) };
  whole.set(scope, made);
  return made;
}
