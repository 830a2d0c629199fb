/** One operator of the condition builder. The kinds say which ones they offer. */
export interface OperatorDefinition {
  readonly id: string;
  /** Values that the person gives beside the field. */
  readonly arity: 0 | 1 | 2 | 'list';
  /** CEL with `{f}` the field, `{d}` its day (`DATE(field)` of an instant, else the field), `{v}`, `{v1}`, `{v2}` CEL literals; `{v}` of a `list` is a whole list literal. Weeks start on Monday. */
  readonly cel: string;
  /** What the given value is: like the field's own, its day, a whole number (of days …), or text. */
  readonly value: 'same' | 'day' | 'count' | 'text';
}

/** Every operator, by id, in the order in which they are usually shown. */
export const operators: ReadonlyMap<string, OperatorDefinition> = new Map(
  (
    [
      ['eq', 1, '{f} == {v}'],
      ['ne', 1, '{f} != {v}'],
      ['contains', 1, 'CONTAINS({f}, {v})', 'text'],
      ['notContains', 1, '!CONTAINS({f}, {v})', 'text'],
      ['startsWith', 1, 'STARTS_WITH({f}, {v})', 'text'],
      ['endsWith', 1, 'ENDS_WITH({f}, {v})', 'text'],
      ['in', 'list', '{f} in {v}'],
      ['notIn', 'list', '!({f} in {v})'],
      ['has', 1, '{v} in {f}'],
      ['hasNot', 1, '!({v} in {f})'],
      ['lt', 1, '{f} < {v}'],
      ['lte', 1, '{f} <= {v}'],
      ['gt', 1, '{f} > {v}'],
      ['gte', 1, '{f} >= {v}'],
      ['between', 2, '{f} >= {v1} && {f} <= {v2}'],
      ['before', 1, '{f} < {v}'],
      ['after', 1, '{f} > {v}'],
      ['onOrBefore', 1, '{f} <= {v}'],
      ['onOrAfter', 1, '{f} >= {v}'],
      ['onDay', 1, '{d} == {v}', 'day'],
      ['beforeDay', 1, '{d} < {v}', 'day'],
      ['afterDay', 1, '{d} > {v}', 'day'],
      ['betweenDays', 2, '{d} >= {v1} && {d} <= {v2}', 'day'],
      ['today', 0, '{d} == TODAY()'],
      ['pastDue', 0, '{d} < TODAY()'],
      ['lastDays', 1, '{d} >= ADD_DAYS(TODAY(), -{v}) && {d} <= TODAY()', 'count'],
      ['nextDays', 1, '{d} >= TODAY() && {d} <= ADD_DAYS(TODAY(), {v})', 'count'],
      [
        'thisWeek',
        0,
        '{d} >= ADD_DAYS(TODAY(), -MOD(WEEKDAY(TODAY()) + 5, 7)) && {d} < ADD_DAYS(TODAY(), 7 - MOD(WEEKDAY(TODAY()) + 5, 7))',
      ],
      [
        'thisMonth',
        0,
        '{d} >= DATE(YEAR(TODAY()), MONTH(TODAY()), 1) && {d} < ADD_MONTHS(DATE(YEAR(TODAY()), MONTH(TODAY()), 1), 1)',
      ],
      ['thisYear', 0, '{d} >= DATE(YEAR(TODAY()), 1, 1) && {d} < DATE(YEAR(TODAY()) + 1, 1, 1)'],
      ['isTrue', 0, '{f} == true'],
      ['isFalse', 0, '{f} != true'],
      ['isMe', 0, '{f} == ME()'],
      ['isNotMe', 0, '{f} != ME()'],
      ['blank', 0, 'ISBLANK({f})'],
      ['notBlank', 0, '!ISBLANK({f})'],
    ] as const
  ).map(([id, arity, cel, value]): [string, OperatorDefinition] => [id, { id, arity, cel, value: value ?? 'same' }]),
);
