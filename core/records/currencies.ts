import { activeCurrencies } from '../schema/index.js';
import type { Ctx } from '../sdk/index.js';
import type { Draft } from './draft.js';
import type { Write } from './prepare.js';

/**
 * Finds currencies that there are not: known are those of ISO 4217 in use, the workspace's own, and what stands in the records of
 * currencies, for which one statement asks where another is written.
 */
export async function checkCurrencies(write: Write<Ctx>, drafts: readonly Draft[]): Promise<void> {
  const fields = [...write.entity.fields.values()].filter(({ kind, rollup }) => kind.id === 'currency' && !rollup);
  const given = drafts.flatMap((draft) =>
    fields.flatMap(({ key }) => {
      const code = draft.changed.has(key) ? draft.next[key] : null;
      const isKnown = typeof code !== 'string' || activeCurrencies.has(code) || code === write.ctx.workspace.currency;
      return isKnown ? [] : [{ draft, key, code }];
    }),
  );
  if (given.length === 0) return;
  const standing = await standingCodes(write, [...new Set(given.map(({ code }) => code))]);
  for (const { draft, key, code } of given)
    if (!standing.has(code) && !draft.issues.some(({ path }) => path === key))
      draft.issues.push({
        path: key,
        code: 'field.unknown_currency',
        message: `There is no currency "${code}".`,
        params: { field: key, currency: code },
      });
}

async function standingCodes({ catalog, ctx, deps }: Write<Ctx>, codes: readonly string[]): Promise<Set<string>> {
  const currency = catalog.schema.entities.get('core.currency');
  if (!currency) return new Set();
  const text = `select c.code from ${currency.table} c where c.code in (select unnest($1::text[])) and c.deleted_at is null`;
  const values = [codes];
  const rows = await (ctx.tx
    ? ctx.tx.query<{ code: string }>(text, values)
    : deps.db.query<{ code: string }>({ text, values }));
  return new Set(rows.map(({ code }) => code));
}
