import { quoteName } from '../schema/index.js';
import type { Database } from '../storage/index.js';

/**
 * True where somebody has made a record, in whatever table, the recycle bin and tables of plugins that are off included: then
 * demo records would be strangers among real ones. What the kernel itself made (the first administrator, seeds) has no maker.
 */
export async function holdsOwnRecords(db: Database): Promise<boolean> {
  const tables = await db.query<{ name: string }>({
    text: `select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'created_by' and not a.attisdropped
where c.relnamespace = to_regnamespace('data') and c.relkind in ('r', 'p') order by 1`,
    values: [],
  });
  for (const { name } of tables) {
    const [{ found }] = await db.query<{ found: boolean }>({
      text: `select exists (select 1 from data.${quoteName(name)} where created_by is not null) as found`,
      values: [],
    });
    if (found) return true;
  }
  return false;
}
