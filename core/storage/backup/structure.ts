import type { Client } from 'pg';

/** What a backup says of the tables it holds, so that a restore needs nothing else. Names are quoted where they are SQL. */
export interface Structure {
  /** In an order in which foreign keys are satisfied. `columns` are quoted names, in the order of the data. */
  readonly tables: readonly { readonly schema: string; readonly name: string; readonly columns: readonly string[] }[];
  /** Statements that make the tables and sequences of entities. */
  readonly create: readonly string[];
  /** Statements that make partitions of kernel tables, where the migrations do not. */
  readonly partitions: readonly string[];
  /** Statements that make primary keys and indexes of the tables of entities, after their rows are in. */
  readonly indexes: readonly string[];
  readonly sequences: readonly { readonly name: string; readonly last: string }[];
  /** Statements that make the functions and triggers of rollups, after the rows are in; absent in backups of versions without. */
  readonly triggers?: readonly string[];
}

/** Tables of the kernel that hold nothing worth keeping, or that mean nothing in another cluster (transaction ids, nodes, sign-ins). */
const leftOut = ['migration', 'outbox', 'outbox_cursor', 'job_node', 'job_run', 'session', 'idempotency'];

/** Reads the structure in the client's transaction. */
export async function readStructure(client: Client): Promise<Structure> {
  const ask = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> =>
    (await client.query(sql, values)).rows as Row[];
  const tables = await ask<{ oid: string; schema: string; name: string; columns: string[] }>(tablesSql, [leftOut]);
  const references = await ask<{ from: string; to: string }>(
    `select conrelid::text as "from", confrelid::text as "to" from (select conrelid::oid, confrelid::oid from pg_constraint where contype = 'f') c`,
  );
  return {
    tables: inOrder(tables, references).map(({ schema, name, columns }) => ({ schema, name, columns })),
    create: (await ask<{ sql: string }>(createSql)).map(({ sql }) => sql),
    partitions: (await ask<{ sql: string }>(partitionsSql)).map(({ sql }) => sql),
    indexes: (await ask<{ sql: string }>(indexesSql)).map(({ sql }) => sql),
    sequences: await ask<{ name: string; last: string }>(sequencesSql),
    triggers: (await ask<{ sql: string }>(triggersSql)).map(({ sql }) => sql),
  };
}

/** Referenced tables before those that refer to them. */
function inOrder<Table extends { oid: string }>(
  tables: readonly Table[],
  references: readonly { from: string; to: string }[],
): Table[] {
  const ordered: Table[] = [];
  const visited = new Set<string>();
  const visit = (table: Table): void => {
    if (visited.has(table.oid)) return;
    visited.add(table.oid);
    for (const { from, to } of references) {
      const target = from === table.oid ? tables.find(({ oid }) => oid === to) : undefined;
      if (target !== undefined) visit(target);
    }
    ordered.push(table);
  };
  tables.forEach(visit);
  return ordered;
}

const tablesSql = `
select c.oid::text as oid, n.nspname as schema, c.relname as name,
  array(select quote_ident(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('trellis', 'data') and c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
  and not (n.nspname = 'trellis' and c.relname = any($1))
order by n.nspname desc, c.relname`;

const createSql = `
select format('create sequence %I.%I', n.nspname, c.relname) as sql, 0 as rank, c.relname
from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'data' and c.relkind = 'S'
union all
select format('create table %I.%I (%s)', n.nspname, c.relname, (
  select string_agg(format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
    case when a.attcollation <> t.typcollation then ' collate ' || quote_ident(l.collname) else '' end,
    coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''), case when a.attnotnull then ' not null' else '' end), ', ' order by a.attnum)
  from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_collation l on l.oid = a.attcollation
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)), 1, c.relname
from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'data' and c.relkind = 'r'
order by 2, 3`;

const partitionsSql = `
select format('create table if not exists %s partition of %s %s', c.oid::regclass, i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid)) as sql
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_inherits i on i.inhrelid = c.oid
where n.nspname = 'trellis' and c.relispartition and c.relkind = 'r' order by c.relname`;

const indexesSql = `
select case when k.oid is null then pg_get_indexdef(x.indexrelid)
  else format('alter table %s add constraint %I %s', x.indrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) end as sql
from pg_index x join pg_class c on c.oid = x.indrelid join pg_namespace n on n.oid = c.relnamespace
  left join pg_constraint k on k.conindid = x.indexrelid and k.conrelid = x.indrelid
where n.nspname = 'data' and x.indisvalid order by k.oid is null, x.indexrelid`;

const sequencesSql = `
select format('%I.%I', schemaname, sequencename) as name, last_value::text as last
from pg_sequences where schemaname in ('trellis', 'data') and last_value is not null order by 1`;

const triggersSql = `
select sql from (
  select pg_get_functiondef(f.oid) as sql, 0 as rank, f.proname as name
  from pg_proc f join pg_namespace n on n.oid = f.pronamespace where n.nspname = 'data'
  union all
  select pg_get_triggerdef(g.oid), 1, g.tgname
  from pg_trigger g join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'data' and not g.tgisinternal) made
order by rank, name`;
