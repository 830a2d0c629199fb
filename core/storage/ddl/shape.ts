import type { Tx } from '../../sdk/index.js';
import { dataSchema } from './names.js';

/** A column as it stands. `type` is in PostgreSQL's own words, with the collation where it is not the default. */
export interface ColumnShape {
  readonly type: string;
  readonly notNull: boolean;
  /** SQL of its default, in PostgreSQL's own words; absent: none. */
  readonly defaultSql?: string;
}

/** An index as it stands. */
export interface IndexShape {
  /** A failed concurrent build leaves an invalid one. */
  readonly valid: boolean;
  readonly unique: boolean;
  /** Columns that it holds or computes from. */
  readonly columns: readonly string[];
}

/** A table of the data schema as it stands. */
export interface TableShape {
  readonly columns: ReadonlyMap<string, ColumnShape>;
  readonly indexes: ReadonlyMap<string, IndexShape>;
  /** Triggers of ours that are switched on → the function they call. */
  readonly triggers: ReadonlyMap<string, string>;
  /** Column numbers ever used; dropped ones count against PostgreSQL's 1,600 for ever. */
  readonly columnNumbers: number;
  /** Bytes of its rows on disk; 0: it never held one. */
  readonly bytes: number;
  /** Estimated rows. */
  readonly rows: number;
}

/** The data schema as it stands. */
export interface DatabaseShape {
  readonly tables: ReadonlyMap<string, TableShape>;
  readonly sequences: ReadonlySet<string>;
  /** Functions → MD5 of their bodies, hex. */
  readonly functions: ReadonlyMap<string, string>;
  /** Key of a storage task → hash of what it does, whether done or not. */
  readonly tasks: ReadonlyMap<string, string>;
  /** Columns that are being copied, or were and wait to take the place of the old ones, by `conversionKey`. */
  readonly conversions: ReadonlyMap<string, ColumnConversion>;
}

/** A column whose values are copied into one of another type beside it. */
export interface ColumnConversion {
  /** Of its task. */
  readonly key: string;
  /** Of what the values become; another one needs another copy. */
  readonly hash: string;
  readonly state: 'pending' | 'done' | 'failed';
  readonly entity: string;
  readonly table: string;
  readonly column: string;
  /** The column beside it. */
  readonly copy: string;
  /** Trigger and function that keep it in step; they share the name. */
  readonly trigger: string;
  /** Indexes that are built on the copy, with the names that they get when it takes its place. */
  readonly indexes: readonly { readonly name: string; readonly as: string; readonly unique: boolean }[];
  /** Names of those that could not be built: values of the new kind stand twice. */
  readonly failed: readonly string[];
}

/** A schema with nothing in it. */
export const emptyShape: DatabaseShape = {
  tables: new Map(),
  sequences: new Set(),
  functions: new Map(),
  tasks: new Map(),
  conversions: new Map(),
};

/** Reads tables, columns, indexes, triggers, functions, sequences and storage tasks of the data schema in one statement. */
export async function readShape(tx: Pick<Tx, 'query'>): Promise<DatabaseShape> {
  const [{ shape }] = await tx.query<{ shape: RawShape }>(shapeSql, [dataSchema]);
  const types = shape.types ?? {};
  return {
    tables: new Map((shape.tables ?? []).map((table) => [table.name, tableShape(table, types)])),
    sequences: new Set(shape.sequences ?? []),
    functions: new Map(Object.entries(shape.functions ?? {})),
    tasks: new Map(Object.entries(shape.tasks ?? {})),
    conversions: new Map((shape.conversions ?? []).map((one) => [conversionKey(one.table, one.column), one])),
  };
}

function tableShape(
  { names, facts, defaults, ...table }: RawTable,
  types: Readonly<Record<string, string>>,
): TableShape {
  const known = new Map<number, string>();
  const columns = (facts === null ? [] : facts.split(' ')).map((fact, n): [number, string, ColumnShape] => {
    const [number, notNull, type] = fact.split('/');
    const defaultSql = defaults?.[number];
    known.set(Number(number), names?.[n] ?? '');
    const column = { type: types[type], notNull: notNull === '1' };
    return [Number(number), names?.[n] ?? '', defaultSql === undefined ? column : { ...column, defaultSql }];
  });
  return {
    columns: new Map(columns.sort(([one], [other]) => one - other).map(([, name, column]) => [name, column])),
    indexes: new Map(
      (table.indexes ?? []).map(([index, valid, unique, keys, reads]) => {
        const of = [...new Set([...keys.split(' ').map(Number), ...(reads ?? [])])];
        return [index, { valid, unique, columns: of.flatMap((number) => known.get(number) ?? []) }];
      }),
    ),
    triggers: new Map(Object.entries(table.triggers ?? {})),
    columnNumbers: table.numbers,
    bytes: table.bytes,
    rows: table.rows,
  };
}

/** Key of a column in `DatabaseShape.conversions`. */
export function conversionKey(table: string, column: string): string {
  return `${table} ${column}`;
}

const canonical = new Map<string, string>();

/** The type of a column in the words of `readShape`: `timestamptz(3)` → `timestamp(3) with time zone`. */
export function canonicalType(type: string): string {
  const known = canonical.get(type) ?? inFull(type);
  // The types that kinds name are few.
  if (canonical.size < 1_000) canonical.set(type, known);
  return known;
}

function inFull(type: string): string {
  const [base, collation] = type.toLowerCase().split(/\s+collate\s+/);
  const plain = base.trim().replace(/\s*,\s*/g, ',');
  const long = plain
    .replace(
      /^timestamptz(\(\d\))?/,
      (_, precision: string | undefined) => `timestamp${precision ?? ''} with time zone`,
    )
    .replace(/^int8$/, 'bigint')
    .replace(/^int4$|^int$/, 'integer')
    .replace(/^bool$/, 'boolean')
    .replace(/^float8$/, 'double precision')
    .replace(/^decimal/, 'numeric');
  return collation === undefined
    ? long
    : `${long} collate ${type.slice(type.toLowerCase().lastIndexOf('collate') + 8).trim()}`;
}

interface RawTable {
  readonly name: string;
  readonly numbers: number;
  readonly bytes: number;
  readonly rows: number;
  readonly names: readonly string[] | null;
  /** For each name `<number>/<1: not null>/<key of its type>`. */
  readonly facts: string | null;
  readonly defaults: Readonly<Record<string, string>> | null;
  readonly indexes:
    readonly [name: string, valid: boolean, unique: boolean, keys: string, reads: readonly number[] | null][] | null;
  readonly triggers: Readonly<Record<string, string>> | null;
}

interface RawShape {
  readonly types: Readonly<Record<string, string>> | null;
  readonly tables: readonly RawTable[] | null;
  readonly sequences: readonly string[] | null;
  readonly functions: Readonly<Record<string, string>> | null;
  readonly tasks: Readonly<Record<string, string>> | null;
  readonly conversions: readonly ColumnConversion[] | null;
}

// A catalog of hundreds of tables has tens of thousands of columns: each is a few bytes of one text, its type the key of a
// dictionary that holds each type once. What expressions of an index read is in pg_depend; what its predicate reads (only
// whether a record lives) is left out.
const shapeSql = `
with n as (select to_regnamespace($1)::oid as oid),
t as materialized (
  select c.oid, c.relname, c.reltuples, c.relpages, pg_relation_size(c.oid) as bytes
  from pg_class c, n where c.relnamespace = n.oid and c.relkind in ('r', 'p')
), d as materialized (
  select d.adrelid, json_object_agg(d.adnum, pg_get_expr(d.adbin, d.adrelid)) as defaults
  from t join pg_attrdef d on d.adrelid = t.oid group by d.adrelid
), i as (
  select x.indrelid, json_agg(json_build_array(c.relname, x.indisvalid and x.indisready, x.indisunique, x.indkey::text,
    case when x.indexprs is not null or c.relname like '%$criterion$%' then array(
      select p.refobjsubid from pg_depend p where p.classid = 'pg_class'::regclass and p.objid = x.indexrelid and p.refobjid = t.oid) end)) as indexes
  from t join pg_index x on x.indrelid = t.oid join pg_class c on c.oid = x.indexrelid
  group by x.indrelid
), g as (
  select g.tgrelid, json_object_agg(g.tgname, f.proname) as triggers
  from t join pg_trigger g on g.tgrelid = t.oid join pg_proc f on f.oid = g.tgfoid
  where not g.tgisinternal and g.tgenabled = 'O' group by g.tgrelid
), y as (
  select distinct a.atttypid, a.atttypmod, a.attcollation
  from t join pg_attribute a on a.attrelid = t.oid where a.attnum > 0 and not a.attisdropped
)
select json_build_object(
  'types', (
    select json_object_agg(y.atttypid || ',' || y.atttypmod || ',' || y.attcollation, format_type(y.atttypid, y.atttypmod)
      || case when y.attcollation <> p.typcollation then ' collate ' || quote_ident(l.collname) else '' end)
    from y left join pg_type p on p.oid = y.atttypid left join pg_collation l on l.oid = y.attcollation),
  'tables', (
    select json_agg(json_build_object(
      'name', t.relname, 'bytes', t.bytes, 'numbers', a.numbers,
      'rows', round(case when t.reltuples < 0 then t.bytes / 200.0 else t.reltuples * t.bytes / 8192.0 / greatest(t.relpages, 1) end),
      'names', a.names, 'facts', a.facts, 'defaults', d.defaults, 'indexes', i.indexes, 'triggers', g.triggers))
    from t cross join lateral (
      select count(*) as numbers, array_agg(a.attname) filter (where not a.attisdropped) as names,
        string_agg(a.attnum || '/' || case when a.attnotnull then 1 else 0 end || '/' || a.atttypid || ',' || a.atttypmod || ',' || a.attcollation, ' ')
          filter (where not a.attisdropped) as facts
      from pg_attribute a where a.attrelid = t.oid and a.attnum > 0) a
    left join d on d.adrelid = t.oid left join i on i.indrelid = t.oid left join g on g.tgrelid = t.oid),
  'sequences', (select json_agg(s.relname) from pg_class s, n where s.relnamespace = n.oid and s.relkind = 'S'),
  'functions', (select json_object_agg(f.proname, md5(f.prosrc)) from pg_proc f, n where f.pronamespace = n.oid),
  'tasks', (select json_object_agg(k.key, k.hash) from trellis.storage_task k),
  'conversions', (
    select json_agg(k.payload || jsonb_build_object('key', k.key, 'hash', k.hash, 'state', k.state, 'entity', k.entity, 'failed', array(
      select s.name from trellis.index_state s join jsonb_array_elements(k.payload -> 'indexes') e on e ->> 'name' = s.name where s.state = 'failed')))
    from trellis.storage_task k where k.kind = 'convert-column')
) as shape`;
