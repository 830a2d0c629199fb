/** How the values of a column become values of another type. */
export interface ConversionSql {
  /** SQL of the new value, null where there is none. */
  readonly value: string;
  /** SQL that is true for a value that would be lost. */
  readonly lost: string;
  /** The stored bytes stay as they are. */
  readonly isRelabel: boolean;
}

type Family = 'text' | 'number' | 'boolean' | 'date' | 'instant' | 'texts';

/** SQL of a conversion between two types in PostgreSQL's own words, or null where nothing converts. `value`: SQL of the old one. */
export function conversionSql(input: { from: string; to: string; value: string; zone: string }): ConversionSql | null {
  const [from, to] = [familyOf(input.from), familyOf(input.to)];
  if (from === null || to === null) return null;
  const { value } = input;
  if (from === 'text' && to === 'text') return { value, lost: 'false', isRelabel: true };
  if (from === to && baseOf(input.from) === baseOf(input.to)) return { value, lost: 'false', isRelabel: true };
  const zone = `'${input.zone.replaceAll("'", "''")}'`;
  const sql = between(from, to, value, zone);
  if (sql === null) return null;
  const fitted = to === 'number' ? fitNumber(sql, baseOf(input.to)) : sql;
  // An empty list and a blank text say nothing that could be lost.
  const said = from === 'texts' ? `cardinality(${value}) > 0` : from === 'text' ? `btrim(${value}) <> ''` : 'true';
  return { value: fitted, lost: `${value} is not null and ${said} and (${fitted}) is null`, isRelabel: false };
}

/** Every pair says its own SQL; what is not here does not convert. */
function between(from: Family, to: Family, x: string, zone: string): string | null {
  const table: Partial<Record<`${Family}-${Family}`, string>> = {
    'text-number': `trellis.expr_value(${x})`,
    'text-boolean': `case when lower(btrim(${x})) in ('true', 'yes', '1') then true when lower(btrim(${x})) in ('false', 'no', '0') then false end`,
    'text-date': `trellis.expr_date(btrim(${x}))`,
    'text-instant': `(trellis.expr_date(btrim(${x}))::timestamp at time zone ${zone})`,
    'text-texts': `case when btrim(${x}) <> '' then array[${x}::text] end`,
    'number-text': `trim_scale(${x}::numeric)::text`,
    'number-number': `${x}::numeric`,
    'number-boolean': `case ${x}::numeric when 1 then true when 0 then false end`,
    'boolean-text': `case when ${x} then 'true' when not ${x} then 'false' end`,
    'boolean-number': `case when ${x} then 1 when not ${x} then 0 end`,
    'date-text': `to_char(${x}, 'YYYY-MM-DD')`,
    'date-instant': `(${x}::timestamp at time zone ${zone})`,
    'instant-text': `to_char(${x} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    'instant-date': `(${x} at time zone ${zone})::date`,
    'texts-text': `case when cardinality(${x}) = 1 then ${x}[1] end`,
  };
  return table[`${from}-${to}`] ?? null;
}

function fitNumber(sql: string, base: string): string {
  if (base === 'numeric') return `case when abs(${sql}) < 1e15 then (${sql})::numeric end`;
  if (base === 'bigint' || base === 'integer') {
    const limit = base === 'bigint' ? '1e15' : '2147483647';
    return `case when abs(${sql}) < ${limit} and (${sql}) = trunc(${sql}) then (${sql})::${base} end`;
  }
  return `(${sql})::${base}`;
}

/** `numeric(38,12)` → `numeric`; the collation is left out. */
function baseOf(type: string): string {
  return type.split(/\s+collate\s+/)[0].replace(/\(.*?\)/, '');
}

function familyOf(type: string): Family | null {
  const base = baseOf(type);
  if (base === 'text') return 'text';
  if (['numeric', 'bigint', 'integer', 'double precision'].includes(base)) return 'number';
  if (base === 'boolean') return 'boolean';
  if (base === 'date') return 'date';
  if (base === 'timestamp with time zone') return 'instant';
  return base === 'text[]' ? 'texts' : null;
}
