import { checkExpression } from '../expression/index.js';
import { criterionSql } from './criteria.js';
import { exprScope } from './expr-scope.js';
import { sampleSchema } from './sample.js';

const schema = sampleSchema({
  'test.company': {
    title: 'C',
    properties: { city: { 'x-field': { kind: 'text' } } },
    'x-entity': { titleField: 'city' },
  },
  'test.thing': {
    title: 'T',
    properties: {
      name: { 'x-field': { kind: 'text' } },
      size: { 'x-field': { kind: 'integer' } },
      due: { 'x-field': { kind: 'date' } },
      company: { 'x-field': { kind: 'link', to: 'test.company' } },
      twice: { 'x-field': { kind: 'formula', returns: 'integer', expression: 'size * 2' } },
    },
    'x-entity': { titleField: 'name' },
  },
});
const thing = schema.entities.get('test.thing')!;
const sqlOf = (source: string, alias = 't'): string | null =>
  criterionSql(thing, checkExpression(source, exprScope(schema, 'test.thing'), { t: 'boolean' }), alias);

test.each(['size > 5', `name == "it's" && due < DATE('2024-05-31')`, '!(size == 1 || name.startsWith("a"))'])(
  'what is true of the same row for ever stands in the text, the same over each alias: %s',
  (source) => {
    const text = sqlOf(source);
    expect(text).not.toMatch(/\$\d/);
    expect(sqlOf(source, 'u')).toBe(text?.replaceAll('t."', 'u."'));
  },
);

test.each(['due < TODAY()', 'ownerId == ME()', 'company.city == "a"', 'twice > 4', 'true', 'company != null'])(
  'what depends on more than the own columns does not: %s',
  (source) => expect(sqlOf(source)).toBeNull(),
);

test('a text is quoted', () => expect(sqlOf(`name == "a'); drop table x; --"`)).toContain(`'a''); drop table x; --'`));
