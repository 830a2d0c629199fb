import type { ConditionGroup } from './expression-builder.js';
import { buildExpression, isComplete, joinExpressions, parseConditions } from './expression-builder.js';
import { operators } from '../../../core/expression/index.js';

const all = [...operators.keys()];
const fields: Record<string, { exprType: string; operators: string[] }> = {
  name: {
    exprType: 'text',
    operators: ['contains', 'notContains', 'eq', 'ne', 'startsWith', 'endsWith', 'in', 'notIn', 'blank', 'notBlank'],
  },
  amount: { exprType: 'number', operators: ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'between', 'blank', 'notBlank'] },
  due: {
    exprType: 'date',
    operators: [
      'eq',
      'before',
      'after',
      'onOrBefore',
      'onOrAfter',
      'between',
      'today',
      'lastDays',
      'nextDays',
      'thisWeek',
      'thisMonth',
      'thisYear',
      'pastDue',
      'blank',
      'notBlank',
    ],
  },
  at: {
    exprType: 'dateTime',
    operators: [
      'onDay',
      'beforeDay',
      'afterDay',
      'betweenDays',
      'before',
      'after',
      'today',
      'lastDays',
      'nextDays',
      'thisWeek',
      'thisMonth',
      'thisYear',
      'pastDue',
      'blank',
      'notBlank',
    ],
  },
  done: { exprType: 'boolean', operators: ['isTrue', 'isFalse'] },
  tags: { exprType: 'list', operators: ['has', 'hasNot', 'blank', 'notBlank'] },
  owner: { exprType: 'record', operators: ['isMe', 'isNotMe', 'eq', 'ne', 'in', 'notIn', 'blank', 'notBlank'] },
  'company.name': { exprType: 'text', operators: ['contains', 'eq'] },
};
const fieldAt = (path: string) => fields[path];
const samples: Record<string, unknown> = {
  text: 'a "b" \\ 名',
  number: -2.5,
  date: '2026-01-31',
  dateTime: '2026-01-31T10:00:00.000Z',
  list: 'vip',
  record: 'r1',
  boolean: true,
};

function valuesFor(field: string, op: string): unknown[] {
  const operator = operators.get(op);
  const type =
    operator?.value === 'same'
      ? (fields[field]?.exprType ?? 'text')
      : operator?.value === 'day'
        ? 'date'
        : operator?.value === 'count'
          ? 'count'
          : 'text';
  const sample = type === 'count' ? 7 : samples[type];
  if (operator?.arity === 'list') return [sample, sample];
  return Array.from({ length: operator?.arity ?? 0 }, () => sample);
}

describe('conditions', () => {
  const cases = Object.entries(fields).flatMap(([field, each]) => each.operators.map((op) => [field, op] as const));

  it.each(cases)('%s %s: text and back', (field, op) => {
    const group: ConditionGroup = {
      type: 'group',
      join: 'and',
      items: [{ type: 'condition', field, op, values: valuesFor(field, op) }],
    };
    const text = buildExpression(group, fieldAt);
    expect(text).not.toBe('');
    expect(parseConditions(text, fieldAt)).toEqual(group);
  });

  it('covers every operator', () => {
    expect(new Set(cases.map(([, op]) => op))).toEqual(new Set(all));
  });

  it('keeps groups within groups', () => {
    const group: ConditionGroup = {
      type: 'group',
      join: 'and',
      items: [
        { type: 'condition', field: 'amount', op: 'between', values: [1, 5] },
        {
          type: 'group',
          join: 'or',
          items: [
            { type: 'condition', field: 'name', op: 'contains', values: ['x'] },
            { type: 'condition', field: 'done', op: 'isTrue', values: [] },
          ],
        },
        { type: 'condition', field: 'due', op: 'lastDays', values: [30] },
      ],
    };
    const text = buildExpression(group, fieldAt);
    expect(text).toBe(
      '(amount >= 1 && amount <= 5) && (CONTAINS(name, "x") || done == true) && (due >= ADD_DAYS(TODAY(), -30) && due <= TODAY())',
    );
    expect(parseConditions(text, fieldAt)).toEqual(group);
  });

  it('leaves unfinished conditions out', () => {
    const group: ConditionGroup = {
      type: 'group',
      join: 'and',
      items: [
        { type: 'condition', field: 'name', op: 'eq', values: [''] },
        { type: 'condition', field: 'done', op: 'isTrue', values: [] },
      ],
    };
    expect(buildExpression(group, fieldAt)).toBe('done == true');
    expect(isComplete({ type: 'condition', field: 'name', op: 'in', values: [] })).toBe(false);
  });

  it('gives up on what chips cannot say', () => {
    for (const text of [
      'amount * 2 > 10',
      'name == company.name',
      '!(done == true && amount > 1)',
      'unknown == 1',
      'name ==',
      'amount > amount',
    ]) {
      expect(parseConditions(text, fieldAt)).toBeNull();
    }
  });

  it('reads an empty text as no conditions', () => {
    expect(parseConditions('  ', fieldAt)).toEqual({ type: 'group', join: 'and', items: [] });
  });
});

describe('joinExpressions', () => {
  it('puts parentheses round each and skips empty ones', () => {
    expect(joinExpressions('a || b', '', undefined, 'c')).toBe('(a || b) && (c)');
    expect(joinExpressions(undefined, 'a || b')).toBe('a || b');
    expect(joinExpressions()).toBeUndefined();
  });
});
