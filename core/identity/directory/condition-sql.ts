import { invalid } from '../../base/errors.js';
import { isUuid } from '../../base/ids.js';
import { isExact, type Comparison, type Condition, type Plain } from './condition.js';

/** Attributes of users that can be asked about, with their SQL over `c` (trellis.credential) and `d` (trellis.directory_user). */
const columns: Readonly<Record<string, string>> = {
  id: 'c.user_id::text',
  username: 'coalesce(d.user_name, c.email)',
  externalid: 'd.external_id',
  displayname: 'c.name',
  'name.formatted': `coalesce(d.data->>'formatted', c.name)`,
  'name.givenname': `d.data->>'givenName'`,
  'name.familyname': `d.data->>'familyName'`,
  title: `d.data->>'title'`,
  emails: 'c.email',
  'emails.value': 'c.email',
  'emails.type': `'work'`,
  locale: 'c.locale',
  preferredlanguage: 'c.locale',
  timezone: 'c.zone',
};
const instants: Readonly<Record<string, string>> = {
  'meta.created': 'coalesce(d.created_at, c.updated_at)',
  'meta.lastmodified': 'greatest(d.updated_at, c.updated_at)',
};
const truths: Readonly<Record<string, string>> = { active: 'c.active', 'emails.primary': 'true' };
const memberships = ['groups', 'groups.value'];

/** The condition as SQL; values go to `param`, which answers their place. Throws scim.filter for what users have not. */
export function conditionSql(condition: Condition, param: (value: unknown) => string): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.parts.map((part) => conditionSql(part, param)).join(` ${condition.kind} `)})`;
    case 'not':
      return `not coalesce(${conditionSql(condition.part, param)}, false)`;
    case 'present': {
      const { attribute } = condition;
      if (memberships.includes(attribute))
        return 'exists (select 1 from trellis.team_member m where m.user_id = c.user_id)';
      const column = columns[attribute] ?? instants[attribute] ?? truths[attribute];
      if (column === undefined) throw unknown(attribute);
      return columns[attribute] === undefined ? `${column} is not null` : `coalesce(${column}, '') <> ''`;
    }
    default:
      return compareSql(condition.attribute, condition.op, condition.value, param);
  }
}

const signs = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;

function compareSql(attribute: string, op: Comparison, value: Plain, param: (value: unknown) => string): string {
  if (memberships.includes(attribute)) {
    if (op !== 'eq' || typeof value !== 'string' || !isUuid(value)) throw wrongValue(attribute);
    return `exists (select 1 from trellis.team_member m where m.user_id = c.user_id and m.team_id = ${param(value)}::uuid)`;
  }
  if (attribute in truths) {
    const wanted = typeof value === 'string' ? value.toLowerCase() === 'true' : value;
    if ((op !== 'eq' && op !== 'ne') || typeof wanted !== 'boolean') throw wrongValue(attribute);
    return `${truths[attribute]} ${signs[op]} ${param(wanted)}::boolean`;
  }
  if (attribute in instants) {
    const at = typeof value === 'string' ? new Date(value) : null;
    if (at === null || Number.isNaN(at.getTime()) || op === 'co' || op === 'sw' || op === 'ew')
      throw wrongValue(attribute);
    return `${instants[attribute]} ${signs[op]} ${param(at)}::timestamptz`;
  }
  const column = columns[attribute];
  if (column === undefined) throw unknown(attribute);
  if (value === null && (op === 'eq' || op === 'ne')) return `${column} is ${op === 'ne' ? 'not ' : ''}null`;
  if (typeof value !== 'string') throw wrongValue(attribute);
  const [have, wanted] = isExact(attribute)
    ? [column, `${param(value)}::text`]
    : [`lower(${column})`, `lower(${param(value)}::text)`];
  if (op === 'co') return `strpos(${have}, ${wanted}) > 0`;
  if (op === 'sw') return `starts_with(${have}, ${wanted})`;
  if (op === 'ew') return `right(${have}, length(${wanted})) = ${wanted}`;
  return op === 'ne' ? `${have} is distinct from ${wanted}` : `${have} ${signs[op]} ${wanted}`;
}

function unknown(attribute: string): Error {
  return invalid('scim.filter', `Users cannot be asked for "${attribute.slice(0, 80)}".`, {
    hint: `Known: ${[...Object.keys(columns), ...Object.keys(truths), ...Object.keys(instants), 'groups'].join(', ')}.`,
  });
}

function wrongValue(attribute: string): Error {
  return invalid('scim.filter', `"${attribute.slice(0, 80)}" cannot be compared in this way.`);
}
