import type { Rule } from '../overload.js';
import { arithmetic } from './arithmetic.js';
import { blank } from './blank.js';
import { compare } from './compare.js';
import { date } from './date.js';
import { list } from './list.js';
import { logic } from './logic.js';
import { text } from './text.js';

/** The whole language: every operator, function and method, once. Both back ends and the guide read it. */
export const rules: readonly Rule[] = [...logic, ...compare, ...arithmetic, ...blank, ...text, ...date, ...list];

/** `function ROUND` → its rule. A Map, so that no inherited name is ever found. */
const byName: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [`${rule.form} ${rule.name}`, rule]));

/** The rule of a name in a form, or undefined. The ternary operator is IF. */
export function findRule(form: Rule['form'], name: string): Rule | undefined {
  return (
    byName.get(`${form} ${name}`) ?? (form === 'operator' && name === 'IF' ? byName.get('function IF') : undefined)
  );
}

/** Names of a form, for suggestions. */
export function ruleNames(form: Rule['form']): string[] {
  return rules.filter((rule) => rule.form === form).map((rule) => rule.name);
}
