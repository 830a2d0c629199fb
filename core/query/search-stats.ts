import type { EntityModel } from '../schema/index.js';
import type { Database } from '../storage/index.js';

/** How often the commonest grams of an entity's search index occur, as PostgreSQL's own statistics say. */
interface GramStats {
  readonly loadedAt: number;
  /** Gram → share of rows, 0–1. Absent: rarer than any listed. */
  readonly shares: ReadonlyMap<string, number>;
  readonly rows: number;
}

const KEEP_MS = 600_000;
const PAGE_ROWS = 51;
const cjk = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]/;
const known = new WeakMap<Database, Map<string, Promise<GramStats>>>();

/**
 * True where a page is found sooner by walking the list in its order and looking at each row than by fetching all rows
 * that the search index names and sorting them. The planner cannot tell: it takes the grams of one word for independent of
 * each other, and a common name for a rare one. At most one statement an entity in ten minutes.
 */
export async function isCommonSearch(db: Database, entity: EntityModel, text: string): Promise<boolean> {
  const grams = text.toLowerCase().split(/\s+/).filter(Boolean).flatMap(gramsOf);
  // One or two letters stand for the beginning of a word, which only the index knows.
  if (grams.length === 0 || grams.some((gram) => gram.startsWith('^'))) return false;
  const { shares, rows } = await statsOf(db, entity);
  const share = Math.min(...grams.map((gram) => shares.get(gram) ?? 0));
  return share > 0 && share > Math.sqrt(PAGE_ROWS / Math.max(rows, 1));
}

/** As `trellis.query_grams` makes them. */
export function gramsOf(term: string): string[] {
  return (term.match(/[\p{L}\p{N}]+/gu) ?? []).flatMap((word) =>
    (
      word.match(
        /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+|[^\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+/gu,
      ) ?? []
    ).flatMap((run) => {
      const letters = [...run];
      const size = cjk.test(run) ? 2 : 3;
      if (letters.length >= size) return letters.slice(size - 1).map((_, i) => letters.slice(i, i + size).join(''));
      return cjk.test(run) ? [run] : [`^${run}`];
    }),
  );
}

function statsOf(db: Database, entity: EntityModel): Promise<GramStats> {
  const ofDatabase = known.get(db) ?? new Map<string, Promise<GramStats>>();
  known.set(db, ofDatabase);
  const found = ofDatabase.get(entity.tableName);
  const loading = found?.then((stats) => (Date.now() - stats.loadedAt < KEEP_MS ? stats : load(db, entity)));
  const current = loading ?? load(db, entity);
  ofDatabase.set(entity.tableName, current);
  // A failed look must not stand in the way of the next.
  current.catch(() => ofDatabase.delete(entity.tableName));
  return current;
}

async function load(db: Database, entity: EntityModel): Promise<GramStats> {
  const [row] = await db.query<{ grams: string[] | null; shares: number[] | null; rows: number | null }>({
    text: `select s.most_common_elems::text::text[] as grams, s.most_common_elem_freqs as shares, greatest(c.reltuples, 0) as rows
from pg_class c left join pg_stats s on s.schemaname = 'data' and starts_with(s.tablename, left($1, 28) || '$ix$search')
where c.oid = to_regclass('data.' || quote_ident($1))`,
    values: [entity.tableName],
  });
  const shares = new Map((row?.grams ?? []).map((gram, i): [string, number] => [gram, row?.shares?.[i] ?? 0]));
  return { loadedAt: Date.now(), shares, rows: row?.rows ?? 0 };
}
