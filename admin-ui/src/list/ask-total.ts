import type { Json } from '../api/index.js';
import { aggregateRecords, ApiProblem } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';

export interface Total {
  value: Json;
  /** Null where the field has none. */
  currency: string | null;
}

interface TotalQuery {
  fn: string;
  field: string;
  filter?: string;
  q?: string;
  /** Currency that a reader compares by. */
  home: string;
}

/** One total; for amounts in several currencies one for each, that in `home` (the workspace's) first. */
export async function askTotal(
  entity: string,
  field: CatalogField,
  { fn, field: key, filter, q, home }: TotalQuery,
  signal?: AbortSignal,
): Promise<Total[]> {
  const measures = [{ fn, field: key }];
  const name = `${fn}_${key}`;
  const currency = field.currencyField;
  try {
    if (currency === undefined || fn.startsWith('count')) {
      const rows = await aggregateRecords(entity, { groupBy: [], measures, filter, q }, signal);
      return [{ value: rows[0]?.[name] ?? null, currency: null }];
    }
    const rows = await aggregateRecords(
      entity,
      { groupBy: [{ field: currency }], measures, filter, q, limit: 50 },
      signal,
    );
    return totalsOf(
      rows.map((row) => ({
        value: row[name] ?? null,
        currency: typeof row[currency] === 'string' ? row[currency] : null,
      })),
      home,
    );
  } catch (error) {
    // A currency that cannot be grouped by leaves the plain question.
    if (!(error instanceof ApiProblem) || error.code !== 'query.not_groupable') throw error;
    const rows = await aggregateRecords(entity, { groupBy: [], measures, filter, q }, signal);
    return [{ value: rows[0]?.[name] ?? null, currency: null }];
  }
}

/**
 * Totals by currency, that in `home` first, then by their numbers. Of what is in no currency only a zero is left (the sum of nothing), which says nothing
 * beside others; what is of several currencies itself (`mixed`) has no number but is told, last.
 */
export function totalsOf(totals: readonly Total[], home: string): Total[] {
  const numbers = totals.filter(({ value }) => value !== null);
  const known = numbers.filter(({ value, currency }) => currency !== null || Number(value) !== 0);
  const mixed = totals.filter(({ value, currency }) => value === null && currency === 'mixed');
  const shown = known.length + mixed.length > 0 ? known : numbers;
  const isHome = ({ currency }: Total): number => (currency === home ? 1 : 0);
  const sorted = [...shown.sort((a, b) => isHome(b) - isHome(a) || Number(b.value) - Number(a.value)), ...mixed];
  return sorted.length > 0 ? sorted : [{ value: null, currency: null }];
}
