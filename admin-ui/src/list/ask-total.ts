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
}

/** One total; for amounts in several currencies one for each, the largest number first. */
export async function askTotal(
  entity: string,
  field: CatalogField,
  { fn, field: key, filter, q }: TotalQuery,
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
    const totals = rows
      .filter((row) => row[name] !== null)
      .map((row) => ({ value: row[name] ?? null, currency: typeof row[currency] === 'string' ? row[currency] : null }));
    return totals.length > 0
      ? totals.sort((a, b) => Number(b.value) - Number(a.value))
      : [{ value: null, currency: null }];
  } catch (error) {
    // A currency that cannot be grouped by leaves the plain question.
    if (!(error instanceof ApiProblem) || error.code !== 'query.not_groupable') throw error;
    const rows = await aggregateRecords(entity, { groupBy: [], measures, filter, q }, signal);
    return [{ value: rows[0]?.[name] ?? null, currency: null }];
  }
}
