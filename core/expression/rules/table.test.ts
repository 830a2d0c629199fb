import { readFileSync } from 'node:fs';
import { findRule, rules } from './table.js';

const guide = readFileSync(new URL('../../../docs/expressions.md', import.meta.url), 'utf8').replaceAll('\\|', '|');

test.each(rules.map((rule) => [rule.form, rule.name, rule.summary]))(
  'the guide tells of the %s %s',
  (form, name, summary) => {
    expect(guide).toContain(`| \`${name === 'neg' ? '-x' : name}\` |`);
    expect(guide).toContain(`| ${summary} |`);
    expect(findRule(form as 'function', name)).toBeDefined();
  },
);

test('no inherited name is a rule', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
    expect(findRule('function', name)).toBeUndefined();
});
