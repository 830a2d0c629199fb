/** Lists of operators that kinds share. */
export const textOperators = [
  'contains',
  'notContains',
  'eq',
  'ne',
  'startsWith',
  'endsWith',
  'in',
  'notIn',
  'blank',
  'notBlank',
] as const;
export const longTextOperators = ['contains', 'notContains', 'blank', 'notBlank'] as const;
export const choiceOperators = ['eq', 'ne', 'in', 'notIn', 'blank', 'notBlank'] as const;
export const listOperators = ['has', 'hasNot', 'blank', 'notBlank'] as const;
export const numberOperators = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'between', 'blank', 'notBlank'] as const;
export const dateOperators = [
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
] as const;
export const dateTimeOperators = [
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
] as const;
export const linkOperators = ['eq', 'ne', 'in', 'notIn', 'blank', 'notBlank'] as const;
export const userOperators = ['isMe', 'isNotMe', 'eq', 'ne', 'in', 'notIn', 'blank', 'notBlank'] as const;
export const blankOperators = ['blank', 'notBlank'] as const;
