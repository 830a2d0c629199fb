import type { VerifyInput } from './types.js';

type Db = VerifyInput['db'];

/** Copies all rows of records, their history and where their numbers stand aside; answers how to put them back as they were. */
export async function takeSnapshot(db: Db): Promise<() => Promise<void>> {
  const tables = await db.query<{ name: string; columns: string }>({
    text: `select format('%I.%I', t.table_schema, t.table_name) as name, string_agg(quote_ident(c.column_name), ', ') as columns
from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
where t.table_type = 'BASE TABLE' and (t.table_schema = 'data' or (t.table_schema, t.table_name) = ('trellis', 'history')) and c.is_generated = 'NEVER'
group by 1 order by 1`,
    values: [],
  });
  const copies = tables.map(({ name, columns }, i) => ({ name, columns, copy: `verify.copy_${i}` }));
  await db.transaction(async (tx) => {
    await tx.query('drop schema if exists verify cascade');
    await tx.query('create schema verify');
    for (const { name, columns, copy } of copies)
      await tx.query(`create table ${copy} as select ${columns} from ${name}`);
  });
  const counters = await db.query<{ name: string; value: string }>({
    text: `select format('%I.%I', schemaname, sequencename) as name, last_value::text as value from pg_sequences where schemaname = 'data' and last_value is not null`,
    values: [],
  });
  // Kept totals and mirrored tables are put back with the rows, so no trigger may count them anew.
  const steps = copies.flatMap(({ name, columns, copy }) => [
    `alter table ${name} disable trigger user`,
    `delete from ${name}`,
    `insert into ${name} (${columns}) overriding system value select ${columns} from ${copy}`,
    `alter table ${name} enable trigger user`,
  ]);
  steps.push(...counters.map(({ name, value }) => `perform setval('${name}', ${value})`));
  return () =>
    db.transaction(async (tx) => {
      await tx.query(`do $restore$ begin ${steps.join('; ')}; end $restore$`);
    });
}
