import { checkExpression } from '../expression/index.js';
import { exprScope } from './expr-scope.js';
import { allKinds } from './kinds/index.js';
import { operators } from '../expression/index.js';
import { sampleField, sampleSchema } from './sample.js';

const id = '0190a5c2-7b3e-7c4d-8e5f-001122334455';
const literals: Record<string, string> = {
  number: '5',
  boolean: 'true',
  date: `DATE('2024-05-31')`,
  dateTime: `DATETIME('2024-05-31T09:30:00Z')`,
  record: `'${id}'`,
  text: `'x'`,
  list: `'x'`,
  object: `'x'`,
  json: `'x'`,
};

describe.each(allKinds.map((kind) => [kind.id]))('operators of %s', (kindId) => {
  const x =
    kindId === 'anyLink'
      ? { to: ['*'] }
      : kindId.toLowerCase().endsWith('choice')
        ? { options: [{ value: 'x', title: 'X' }] }
        : ((allKinds.find(({ id: own }) => own === kindId)?.cases.schema?.['x-field'] ?? {}) as object);
  const field = sampleField(kindId, { 'x-field': x });
  const name = { 'x-field': { kind: 'text' } };
  const part = { 'x-field': { kind: 'link', to: 'test.thing', inverse: 'parts', onDelete: 'cascade' } };
  const schema = sampleSchema({
    'contacts.company': { properties: { name }, 'x-entity': { titleField: 'name' } },
    'test.part': { properties: { name, part }, 'x-entity': { titleField: 'name' } },
    'test.thing': { properties: { name, value: field.schema } },
  });
  const type = field.kind.exprType(field);

  it.each(field.kind.operators(field).map((operator) => [operator]))('%s is a valid condition', (operatorId) => {
    const operator = operators.get(operatorId)!;
    const value =
      operator.value === 'text'
        ? `'x'`
        : operator.value === 'count'
          ? '7'
          : operator.value === 'day'
            ? `DATE('2024-05-31')`
            : type.t === 'list' && type.of.t === 'record'
              ? literals.record
              : literals[type.t];
    const cel = operator.cel
      .replaceAll('{f}', 'value')
      .replaceAll('{d}', type.t === 'dateTime' ? 'DATE(value)' : 'value')
      .replaceAll(/\{v[12]?\}/g, operator.arity === 'list' ? `[${value}]` : value);
    expect(() => checkExpression(cel, exprScope(schema, 'test.thing'), { t: 'boolean' })).not.toThrow();
  });
});
