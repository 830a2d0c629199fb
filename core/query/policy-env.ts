import type { QueryEnv, Scoped } from './types.js';

const whole = new WeakMap<Scoped, Scoped>();
const envs = new WeakMap<QueryEnv, Map<string, QueryEnv>>();

/**
 * What a role's condition on rows of the entity is judged against: the rows that the reader sees, with all their fields, also those
 * that the role hides and whatever formulas and rollups compute of them. The condition is the administrator's, not the reader's. Of
 * an entity whose condition is being judged already only own rows are seen: a condition must not wait for itself.
 */
export function policyEnv(env: QueryEnv, entity: string): QueryEnv {
  const known = envs.get(env) ?? new Map<string, QueryEnv>();
  envs.set(env, known);
  const made =
    known.get(entity) ??
    judging(env, {
      judged: new Set([...(env.judged ?? []), entity]),
      scopeOf: (id) => {
        const scope = env.scopeOf(id);
        return scope && policyScope(scope);
      },
    });
  known.set(entity, made);
  return made;
}

const systems = new WeakMap<QueryEnv, QueryEnv>();

/** What sharing and restriction rules are judged against: everything there is, at the reader's moment and with the reader as `me`. */
export function ruleEnv(env: QueryEnv): QueryEnv {
  const known = systems.get(env);
  if (known) return known;
  const made = judging(env, { scopeOf: env.wholeOf });
  systems.set(env, made);
  return made;
}

/** The scope with all fields of its entity, of all its rows. */
export function policyScope(scope: Scoped): Scoped {
  const known = whole.get(scope);
  if (known) return known;
  const fields = new Map([...scope.entity.fields.keys()].map((key) => [key, 'read' as const]));
  const { rows } = scope;
  const made: Scoped = {
    ...scope,
    fields,
    rows: rows.kind === 'some' ? { ...rows, parts: rows.parts.map((part) => ({ ...part, fields })) } : rows,
  };
  whole.set(scope, made);
  return made;
}

/**
 * The moment, the reader and the system are asked for only where the condition needs them: who makes the statement may watch. To
 * spread the result would ask.
 */
function judging(env: QueryEnv, { judged, scopeOf }: Pick<QueryEnv, 'judged' | 'scopeOf'>): QueryEnv {
  return {
    schema: env.schema,
    judged,
    collation: env.collation,
    cursorKey: env.cursorKey,
    guard: env.guard,
    wholeOf: env.wholeOf,
    scopeOf,
    get now() {
      return env.now;
    },
    get zone() {
      return env.zone;
    },
    get me() {
      return env.me;
    },
    get asSystem() {
      return env.asSystem;
    },
  };
}
