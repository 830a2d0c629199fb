import { defineHook, type Ctx, type HookBatch, type Json, type RecordData } from '#sdk';

/** Names an exchange rate after its currency and date, so that it has a title: `EUR 2026-01-31`. */
export const nameRate = defineHook({
  id: 'core.name-rate',
  entity: 'core.currencyRate',
  phase: 'before',
  on: ['create', 'update'],
  fields: ['currency', 'date'],
  run: nameRates,
});

async function nameRates(ctx: Ctx, batch: HookBatch<RecordData>): Promise<RecordData[]> {
  const ids = [...new Set(batch.rows.map(({ next }) => linkId(next.currency)))].filter((id) => id !== null);
  const codes = new Map<string, string>();
  for (let i = 0; i < ids.length; i += 500) {
    const filter = `id in [${ids
      .slice(i, i + 500)
      .map((id) => JSON.stringify(id))
      .join(', ')}]`;
    const { data } = await ctx.records.list(ctx, {
      entity: 'core.currency',
      fields: ['id', 'code'],
      filter,
      limit: 500,
    });
    for (const currency of data) codes.set(String(currency.id), String(currency.code));
  }
  return batch.rows.map(({ next }) => ({
    name: [codes.get(linkId(next.currency) ?? ''), next.date].filter(Boolean).join(' '),
  }));
}

/** A link is read as `{id}` and written as an id. */
function linkId(value: Json | undefined): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : null;
}
