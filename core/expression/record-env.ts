import type { EvalEnv } from './types.js';

/** An environment over one record in API form: names are looked up in own properties only; a missing one is null. */
export function recordEnv(record: object, rest: Omit<EvalEnv, 'get'>): EvalEnv {
  return { ...rest, get: (path) => path.reduce<unknown>(ownMember, record) };
}

function ownMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : null;
}
