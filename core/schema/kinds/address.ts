import { blankOperators } from '../operators.js';
import { parseCountry } from '../parse/country.js';
import { columnKind, columnSql, ok, refuse, textProblem } from './column-kind.js';
import type { Coerced, FieldKind } from './kind.js';

/** Parts of an address, in the order of an envelope; `country` is ISO 3166-1 alpha-2. */
const textParts = ['street', 'city', 'region', 'postalCode', 'country'] as const;
const numberParts = ['latitude', 'longitude'] as const;
/** Names of parts in other systems' exports. */
const otherNames: Readonly<Record<string, string | null>> = {
  state: 'region',
  stateCode: 'region',
  zip: 'postalCode',
  postcode: 'postalCode',
  postal_code: 'postalCode',
  countryCode: 'country',
  geocodeAccuracy: null,
};

/** A postal address. Empty parts are left out; an address without any part is null. */
export const address: FieldKind = columnKind({
  id: 'address',
  pgType: 'jsonb',
  expr: {
    t: 'object',
    name: 'address',
    members: {
      street: { t: 'text' },
      city: { t: 'text' },
      region: { t: 'text' },
      postalCode: { t: 'text' },
      country: { t: 'text' },
      latitude: { t: 'number' },
      longitude: { t: 'number' },
    },
  },
  bytes: 40,
  sorted: false,
  grouped: false,
  measures: ['count'],
  ops: blankOperators,
  widget: 'address',
  exprSql: (field, alias, [member]) => {
    const column = columnSql(field, alias);
    if (member === undefined) return column;
    return (numberParts as readonly string[]).includes(member)
      ? `(${column} ->> '${member}')::numeric`
      : `(${column} ->> '${known(member)}') collate "C"`;
  },
  searchSql: (field, alias) =>
    ['street', 'city', 'region', 'postalCode']
      .map((part) => `coalesce(${columnSql(field, alias)} ->> '${part}', '')`)
      .join(` || ' ' || `),
  valueSchema: () => ({
    type: 'object',
    additionalProperties: false,
    properties: {
      street: nullable({ type: 'string', maxLength: 500 }),
      city: nullable({ type: 'string', maxLength: 200 }),
      region: nullable({ type: 'string', maxLength: 200 }),
      postalCode: nullable({ type: 'string', maxLength: 40 }),
      country: nullable({ type: 'string', maxLength: 100 }),
      latitude: nullable({ type: 'number', minimum: -90, maximum: 90 }),
      longitude: nullable({ type: 'number', minimum: -180, maximum: 180 }),
    },
  }),
  normalize: (value) => clean(value as Record<string, unknown>),
  coerce: (text) => {
    if (!text.trimStart().startsWith('{')) return clean({ street: text });
    const parts = parseObject(text);
    return parts ? fromOther(parts) : refuse('address.invalid', 'The text is not the JSON of an address.');
  },
  format: (value) => JSON.stringify(value),
  cases: {
    valid: [
      { input: { street: '1 Main St\nApt 2', city: 'Springfield', region: 'IL', postalCode: '62701', country: 'US' } },
      {
        input: { city: ' 上海 ', country: '中国', street: '', region: null },
        canonical: { city: '上海', country: 'CN' },
      },
      { input: {}, canonical: null },
      { input: { city: 'Berlin', latitude: 52.5, longitude: 13.4 } },
    ],
    invalid: [
      'Main St',
      { planet: 'Mars' },
      { city: 5 },
      { country: 'Atlantis' },
      { latitude: 91 },
      { city: '\0' },
      [],
    ],
    texts: [
      {
        text: '{"city":"Katherinemouth","country":"United States","geocodeAccuracy":null,"latitude":null,"longitude":null,"postalCode":"74929","state":"ID","street":"757 William Pass"}',
        value: { street: '757 William Pass', city: 'Katherinemouth', region: 'ID', postalCode: '74929', country: 'US' },
      },
      { text: '5 High St, Leeds', value: { street: '5 High St, Leeds' } },
      { text: '{"country":"Atlantis"}', problem: 'address.country' },
      { text: '{"city":', problem: 'address.invalid' },
      { text: '{"planet":"Mars"}', problem: 'address.part' },
    ],
  },
});

function nullable(schema: Record<string, unknown>): Record<string, unknown> {
  return { ...schema, type: [schema.type, 'null'] };
}

function known(member: string): string {
  return (textParts as readonly string[]).includes(member) ? member : '';
}

function clean(value: Record<string, unknown>): Coerced {
  const found: Record<string, unknown> = {};
  for (const part of textParts) {
    const given = value[part];
    if (typeof given !== 'string') continue;
    const problem = textProblem(given);
    if (problem) return problem;
    const text = given.trim();
    if (text === '') continue;
    if (part !== 'country') found[part] = text;
    else {
      const code = parseCountry(text);
      if (code === null) return refuse('address.country', `"${text.slice(0, 40)}" is not a country.`);
      found.country = code;
    }
  }
  for (const part of numberParts) if (typeof value[part] === 'number') found[part] = value[part];
  return ok(Object.keys(found).length === 0 ? null : found);
}

function fromOther(parts: Record<string, unknown>): Coerced {
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parts)) {
    const part = Object.hasOwn(otherNames, name) ? otherNames[name] : name;
    if (part === null || value === null || value === '' || (named[part] !== undefined && name !== part)) continue;
    const isNumber = (numberParts as readonly string[]).includes(part);
    if (!isNumber && !(textParts as readonly string[]).includes(part))
      return refuse('address.part', `An address has no part "${name.slice(0, 40)}".`);
    if (isNumber ? !inRange(part, Number(value)) : typeof value !== 'string' && typeof value !== 'number')
      return refuse('address.part', `The part "${name}" of the address has no fitting value.`);
    named[part] = isNumber ? Number(value) : String(value);
  }
  return clean(named);
}

function inRange(part: string, value: number): boolean {
  return Math.abs(value) <= (part === 'latitude' ? 90 : 180);
}

function parseObject(text: string): Record<string, unknown> | null {
  if (text.length > 10_000) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
