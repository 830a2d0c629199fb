import { invalid, limited, type Issue } from '../../base/errors.js';
import { didYouMean } from '../../base/suggest.js';
import { definitionTypes } from '../../schema/index.js';
import type { ChangeInput, WorkspaceOperation } from './types.js';

/** Operations that one change set may hold. */
export const maxOperations = 5_000;
const maxReason = 1_000;
const keysOf: Readonly<Record<string, readonly string[]>> = {
  set: ['value'],
  unset: [],
  'insert-before': ['value', 'before'],
  move: ['before'],
  remove: [],
  purge: [],
};
/** Types whose documents the workspace does not write: their content stands in the effective definitions of others. */
const notChanged: ReadonlySet<string> = new Set(['change', 'extension', 'seed']);

/** Types of definitions that a change set may name. */
export function changeableTypes(): string[] {
  return definitionTypes.filter((type) => !notChanged.has(type));
}

/** A reason as it is kept. Throws change.no_reason, change.reason_too_long. */
export function checkReason(reason: unknown): string {
  if (typeof reason !== 'string' || reason.trim() === '')
    throw invalid('change.no_reason', 'Say why: every change set keeps its reason.', {
      issues: [{ path: '/reason', code: 'change.no_reason', message: 'is needed' }],
    });
  if (reason.length > maxReason)
    throw invalid('change.reason_too_long', `A reason has at most ${maxReason} characters.`, {
      issues: [{ path: '/reason', code: 'change.reason_too_long', message: `has ${reason.length} characters` }],
    });
  return reason.trim();
}

/** The instant of a draft as its author saw it. Throws change.bad_seen where it is none. */
export function checkSeen(seen: string | undefined): string | undefined {
  if (seen === undefined || !Number.isNaN(Date.parse(seen))) return seen;
  throw invalid('change.bad_seen', `"${seen.slice(0, 60)}" is no instant; send the "at" of the draft.`);
}

/**
 * Operations from outside as such: words, pointers, known keys. What they do is not looked at. Throws change.too_many_operations,
 * and change.bad_operation with an issue `/operations/<n>/<key>` for each fault.
 */
export function checkOperations(given: unknown): WorkspaceOperation[] {
  if (!Array.isArray(given))
    throw invalid('change.bad_operation', '"operations" must be a list.', {
      issues: [{ path: '/operations', code: 'change.bad_operation', message: 'must be a list' }],
    });
  if (given.length > maxOperations)
    throw limited('change.too_many_operations', `A change set has at most ${maxOperations} operations.`, {
      hint: 'Send it in parts, or install it as a package.',
      params: { operations: given.length },
    });
  const issues: Issue[] = [];
  given.forEach((operation: unknown, i) =>
    checkOne(operation, (key, message) => {
      if (issues.length < 100)
        issues.push({ path: `/operations/${i}${key && `/${key}`}`, code: 'change.bad_operation', message });
    }),
  );
  if (issues.length > 0) throw invalid('change.bad_operation', `${issues[0].path} ${issues[0].message}`, { issues });
  return given as WorkspaceOperation[];
}

/** What the author says of a plan beside its operations. Throws change.bad_operation. */
export function checkOnBroken(given: unknown): ChangeInput['onBroken'] {
  if (given === undefined || given === 'refuse' || given === 'remove') return given;
  throw invalid('change.bad_operation', '"onBroken" must be refuse or remove.', {
    issues: [{ path: '/onBroken', code: 'change.bad_operation', message: 'must be refuse or remove' }],
  });
}

/** Epochs by `type:id`. Throws change.bad_basis. */
export function checkBasis(given: unknown): ChangeInput['basis'] {
  if (given === undefined || given === null) return undefined;
  const isMap = typeof given === 'object' && !Array.isArray(given);
  if (isMap && Object.values(given).every(Number.isSafeInteger)) return given as Record<string, number>;
  throw invalid('change.bad_basis', '"basis" must give an epoch for each "type:id".', {
    issues: [{ path: '/basis', code: 'change.bad_basis', message: 'must give epochs by type:id' }],
  });
}

function checkOne(given: unknown, report: (key: string, message: string) => void): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return report('', 'must be an object');
  const operation = given as Record<string, unknown>;
  const { op, type, id, at } = operation;
  const types = changeableTypes();
  if (typeof type !== 'string' || !types.includes(type))
    report(
      'type',
      `is no type of definition.${didYouMean(String(type).slice(0, 80), types)} Known: ${types.join(', ')}.`,
    );
  if (typeof id !== 'string' || id === '' || id.length > 200) report('id', 'must be the id of a definition');
  if (typeof at !== 'string' || (at !== '' && !at.startsWith('/')))
    report('at', 'must be a JSON Pointer: empty, or starting with a slash');
  if (typeof op !== 'string' || !Object.hasOwn(keysOf, op))
    return report('op', `is no operation.${didYouMean(String(op).slice(0, 80), Object.keys(keysOf))}`);
  for (const key of keysOf[op]) if (!Object.hasOwn(operation, key)) report(key, `is needed by "${op}"`);
  if (keysOf[op].includes('before') && operation.before !== null && typeof operation.before !== 'string')
    report('before', 'must be the key of an element, or null for the end');
  const known = ['op', 'type', 'id', 'at', ...keysOf[op]];
  for (const key of Object.keys(operation))
    if (!known.includes(key)) report(key.slice(0, 80), `is not known here.${didYouMean(key.slice(0, 80), known)}`);
}
