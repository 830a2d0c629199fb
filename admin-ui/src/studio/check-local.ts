import { isTrellisError } from '../../../core/base/errors.js';
import { checkExpression, rules } from '../../../core/expression/index.js';
import type { CheckedExpression, ExprType } from '../../../core/expression/index.js';
import { scopeOf } from '../form/conditions.js';
import type { CatalogEntity, CatalogField } from '../meta/index.js';

/** What is known of an expression without asking the server. */
export interface LocalCheck {
  /** Type of its result (`text`, `number` …); null where it does not check. */
  type: string | null;
  problem: { code: string; message: string; hint?: string; start?: number } | null;
}

type Lookup = (id: string) => CatalogEntity | undefined;
const plainTypes: readonly string[] = ['text', 'number', 'boolean', 'date', 'dateTime', 'json'];

/**
 * Checks an expression over an entity, by the same rules as the server, pending fields included. `field` is the key of the
 * formula that it is for: one that reads itself over others is refused.
 */
export function checkLocally(
  input: { entity: CatalogEntity; text: string; type?: string; field?: string },
  lookup: Lookup,
): LocalCheck {
  const { entity, text, type, field } = input;
  try {
    const expected = type !== undefined && plainTypes.includes(type) ? ({ t: type } as ExprType) : undefined;
    const checked = checkExpression(text, scopeOf(entity, lookup), expected);
    const circle = field === undefined ? null : circleOf(entity, field, checked, lookup);
    if (circle) return { type: null, problem: { code: 'formula.cycle', message: circle.join(' → ') } };
    return { type: checked.type.t, problem: null };
  } catch (error) {
    if (!isTrellisError(error)) throw error;
    const start = error.params?.start;
    return {
      type: null,
      problem: {
        code: error.code,
        message: error.message.split('\n')[0] ?? error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        ...(typeof start === 'number' ? { start } : {}),
      },
    };
  }
}

/** A name that may stand at the cursor, with the words for it. */
export interface Offer {
  path: string;
  title: string;
}

const mostOffers = 8;

/**
 * Names for the unfinished word at the end of `before`: fields by key or title, along to-one links as deep as one likes, then
 * functions. `all` offers fields also where nothing is typed yet.
 */
export function offersFor(
  before: string,
  entity: CatalogEntity | undefined,
  lookup: Lookup,
  all = false,
): { word: string; offers: Offer[] } {
  const word = /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? '';
  if (word === '' && !all) return { word, offers: [] };
  const steps = word.split('.');
  const last = (steps.pop() ?? '').toLowerCase();
  const owner = steps.reduce<CatalogEntity | undefined>((at, step) => {
    const target = at?.fields.find((field) => field.key === step);
    return target?.exprType === 'record' && target.to?.[0] !== undefined ? lookup(target.to[0]) : undefined;
  }, entity);
  const prefix = steps.map((step) => `${step}.`).join('');
  const fits = (field: CatalogField): boolean =>
    field.key.toLowerCase().startsWith(last) || field.title.toLowerCase().includes(last);
  const fields = (owner?.fields ?? [])
    .filter((field) => field.kind !== 'secret' && fits(field))
    .sort((a, b) => Number(a.system) - Number(b.system) || startsRank(a, last) - startsRank(b, last))
    .map((field) => ({ path: prefix + field.key, title: field.title }));
  const functions =
    steps.length > 0 || last === ''
      ? []
      : rules
          .filter((rule) => rule.form === 'function' && rule.name.toLowerCase().startsWith(last))
          .map((rule) => ({ path: `${rule.name}(`, title: '' }));
  const offers = [...fields, ...functions.filter((one, i, list) => list.findIndex((b) => b.path === one.path) === i)];
  return { word, offers: offers.filter(({ path }) => path !== word).slice(0, mostOffers) };
}

const startsRank = (field: CatalogField, word: string): number => (field.key.toLowerCase().startsWith(word) ? 0 : 1);

/** The way of a formula back to itself over other formulas, `a → b → a`; null where there is none. */
function circleOf(entity: CatalogEntity, field: string, checked: CheckedExpression, lookup: Lookup): string[] | null {
  const seen = new Set<string>();
  const follow = (owner: CatalogEntity, expression: CheckedExpression, way: readonly string[]): string[] | null => {
    for (const path of expression.paths) {
      const end = endOf(owner, path, lookup);
      if (end === null) continue;
      if (end.owner.id === entity.id && end.field.key === field) return [...way, field];
      const name = `${end.owner.id}/${end.field.key}`;
      if (end.field.expression === undefined || seen.has(name)) continue;
      seen.add(name);
      const next = tryCheck(end.owner, end.field.expression, lookup);
      const found = next && follow(end.owner, next, [...way, end.field.key]);
      if (found) return found;
    }
    return null;
  };
  return follow(entity, checked, [field]);
}

function endOf(
  owner: CatalogEntity,
  path: readonly string[],
  lookup: Lookup,
): { owner: CatalogEntity; field: CatalogField } | null {
  let at = owner;
  for (const [i, step] of path.entries()) {
    const field = at.fields.find((one) => one.key === step);
    if (field === undefined) return null;
    if (i === path.length - 1 || field.exprType !== 'record') return { owner: at, field };
    const next = lookup(field.to?.[0] ?? '');
    if (next === undefined) return null;
    at = next;
  }
  return null;
}

function tryCheck(entity: CatalogEntity, text: string, lookup: Lookup): CheckedExpression | null {
  try {
    return checkExpression(text, scopeOf(entity, lookup));
  } catch {
    return null;
  }
}
