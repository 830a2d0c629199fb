import type { Tx } from '../../sdk/index.js';
import { dataSchema } from './names.js';

/** A column as it stands. `type` is in PostgreSQL's own words, with the collation where it is not the default. */
export interface ColumnShape {
  readonly type: string;
  readonly notNull: boolean;
}

/** A table of the data schema as it stands. */
export interface TableShape {
  readonly columns: ReadonlyMap<string, ColumnShape>;
  /** Index name → valid (a failed concurrent build leaves an invalid one). */
  readonly indexes: ReadonlyMap<string, { readonly valid: boolean; readonly unique: boolean }>;
  /** Column numbers ever used; dropped ones count against PostgreSQL's 1,600 for ever. */
  readonly columnNumbers: number;
  /** Bytes of its rows on disk; 0: it never held one. */
  readonly bytes: number;
}

/** The data schema as it stands. */
export interface DatabaseShape {
  readonly tables: ReadonlyMap<string, TableShape>;
  readonly sequences: ReadonlySet<string>;
}

/** Reads tables, columns, indexes and sequences of the data schema in one statement. */
export async function readShape(tx: Pick<Tx, 'query'>): Promise<DatabaseShape> {
  const [{ shape }] = await tx.query<{ shape: RawShape }>(shapeSql, [dataSchema]);
  const tables = new Map<string, TableShape>();
  for (const { name, columns, indexes, numbers, bytes } of shape.tables ?? []) {
    tables.set(name, {
      columns: new Map((columns ?? []).map(({ name: column, type, notNull }) => [column, { type, notNull }])),
      indexes: new Map((indexes ?? []).map(({ name: index, valid, unique }) => [index, { valid, unique }])),
      columnNumbers: numbers,
      bytes,
    });
  }
  return { tables, sequences: new Set(shape.sequences ?? []) };
}

/** The type of a column in the words of `readShape`: `timestamptz(3)` → `timestamp(3) with time zone`. */
export function canonicalType(type: string): string {
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
        columns: { name: string; type: string; notNull: boolean }[] | null;
        indexes: { name: string; valid: boolean; unique: boolean }[] | null;
      }[]
    | null;
  sequences: string[] | null;
}

const shapeSql = `
select jsonb_build_object(
  'tables', (
    select jsonb_agg(jsonb_build_object(
      'name', c.relname, 'bytes', pg_relation_size(c.oid),
      'numbers', (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0),
      'columns', (
        select jsonb_agg(jsonb_build_object(
          'name', a.attname, 'notNull', a.attnotnull,
          'type', format_type(a.atttypid, a.atttypmod) || case when a.attcollation <> t.typcollation then ' collate ' || quote_ident(l.collname) else '' end
        ) order by a.attnum)
        from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_collation l on l.oid = a.attcollation
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      'indexes', (
        select jsonb_agg(jsonb_build_object('name', i.relname, 'valid', x.indisvalid and x.indisready, 'unique', x.indisunique))
        from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid)
    ))
    from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p')),
  'sequences', (select jsonb_agg(s.relname) from pg_class s where s.relnamespace = n.oid and s.relkind = 'S')
) as shape
from (select to_regnamespace($1)::oid as oid) n`;
