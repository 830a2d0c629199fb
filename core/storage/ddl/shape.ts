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
}

/** A schema with nothing in it. */
export const emptyShape: DatabaseShape = {
  tables: new Map(),
  sequences: new Set(),
  functions: new Map(),
  tasks: new Map(),
};

/** Reads tables, columns, indexes, triggers, functions and sequences of the data schema in one statement. */
export async function readShape(tx: Pick<Tx, 'query'>): Promise<DatabaseShape> {
  const [{ shape }] = await tx.query<{ shape: RawShape }>(shapeSql, [dataSchema]);
  const tables = new Map<string, TableShape>();
  for (const { name, columns, indexes, triggers, numbers, bytes, rows } of shape.tables ?? []) {
    const names = new Map((columns ?? []).map(([number, column]) => [number, column]));
    tables.set(name, {
      columns: new Map(
        (columns ?? []).map(([, column, type, notNull, defaultSql]) => [
          column,
          defaultSql === null ? { type, notNull } : { type, notNull, defaultSql },
        ]),
      ),
      indexes: new Map(
        (indexes ?? []).map(({ name: index, valid, unique, keys, reads }) => {
          const of = [...new Set([...keys.split(' ').map(Number), ...(reads ?? [])])];
          return [index, { valid, unique, columns: of.flatMap((number) => names.get(number) ?? []) }];
        }),
      ),
      triggers: new Map(Object.entries(triggers ?? {})),
      columnNumbers: numbers,
      bytes,
      rows,
    });
  }
  return {
    tables,
    sequences: new Set(shape.sequences ?? []),
    functions: new Map(Object.entries(shape.functions ?? {})),
    tasks: new Map(Object.entries(shape.tasks ?? {})),
  };
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

interface RawShape {
  tables:
    | {
        name: string;
        numbers: number;
        bytes: number;
        rows: number;
        columns: [number: number, name: string, type: string, notNull: boolean, defaultSql: string | null][] | null;
        indexes: { name: string; valid: boolean; unique: boolean; keys: string; reads: number[] | null }[] | null;
        triggers: Record<string, string> | null;
      }[]
    | null;
  sequences: string[] | null;
  functions: Record<string, string> | null;
  tasks: Record<string, string> | null;
}

// Set-wise: a catalog of hundreds of tables has tens of thousands of columns. What expressions
// of an index read is in pg_depend; what its predicate reads (only whether a record lives) is left out.
const shapeSql = `
with n as (select to_regnamespace($1)::oid as oid),
t as materialized (
  select c.oid, c.relname, c.reltuples, c.relpages, pg_relation_size(c.oid) as bytes
  from pg_class c, n where c.relnamespace = n.oid and c.relkind in ('r', 'p')
), a as (
  select a.attrelid, count(*) as numbers,
    json_agg(json_build_array(a.attnum, a.attname,
      format_type(a.atttypid, a.atttypmod) || case when a.attcollation <> y.typcollation then ' collate ' || quote_ident(l.collname) else '' end,
      a.attnotnull, case when a.atthasdef then pg_get_expr(d.adbin, d.adrelid) end
    ) order by a.attnum) filter (where not a.attisdropped) as columns
  from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0
    left join pg_type y on y.oid = a.atttypid left join pg_collation l on l.oid = a.attcollation
    left join pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum
  group by a.attrelid
), i as (
  select x.indrelid, json_agg(json_build_object(
    'name', c.relname, 'valid', x.indisvalid and x.indisready, 'unique', x.indisunique, 'keys', x.indkey::text,
    'reads', case when x.indexprs is not null then array(
      select p.refobjsubid from pg_depend p where p.classid = 'pg_class'::regclass and p.objid = x.indexrelid and p.refobjid = t.oid) end)) as indexes
  from t join pg_index x on x.indrelid = t.oid join pg_class c on c.oid = x.indexrelid
  group by x.indrelid
), g as (
  select g.tgrelid, json_object_agg(g.tgname, f.proname) as triggers
  from t join pg_trigger g on g.tgrelid = t.oid join pg_proc f on f.oid = g.tgfoid
  where not g.tgisinternal and g.tgenabled = 'O' group by g.tgrelid
)
select json_build_object(
  'tables', (
    select json_agg(json_build_object(
      'name', t.relname, 'bytes', t.bytes, 'numbers', coalesce(a.numbers, 0),
      'rows', round(case when t.reltuples < 0 then t.bytes / 200.0 else t.reltuples * t.bytes / 8192.0 / greatest(t.relpages, 1) end),
      'columns', a.columns, 'indexes', i.indexes, 'triggers', g.triggers))
    from t left join a on a.attrelid = t.oid left join i on i.indrelid = t.oid left join g on g.tgrelid = t.oid),
  'sequences', (select json_agg(s.relname) from pg_class s, n where s.relnamespace = n.oid and s.relkind = 'S'),
  'functions', (select json_object_agg(f.proname, md5(f.prosrc)) from pg_proc f, n where f.pronamespace = n.oid),
  'tasks', (select json_object_agg(k.key, k.hash) from trellis.storage_task k)
) as shape`;
