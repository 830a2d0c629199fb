import type { Ctx } from '../../sdk/index.js';
import type { ExchangeDeps } from '../deps.js';
import { arrivals } from './arrivals.js';
import { lookup, targetsOfLink } from './lookup.js';

const REFERENCES = 500;

/**
 * Looks for the targets of all waiting references: records that came by another way than an import. Pieces of 500, each
 * a transaction of its own; ends after one pass over the table.
 */
export async function resolveWaiting(deps: ExchangeDeps, jobCtx: Ctx): Promise<void> {
  const ctx = jobCtx.asSystem('links that imports left open');
  for (let after = '0'; !jobCtx.signal.aborted;) {
    const last = await deps.records.transaction(ctx, async (tx) => {
      const catalog = deps.catalog.current;
      const waiting = await tx.tx.query<{ id: string; entity: string; field: string; match_by: string; value: string }>(
        `select id, entity, field, match_by, value from trellis.import_pending_link where resolved_at is null and id > $1::bigint order by id limit ${REFERENCES}`,
        [after],
      );
      const groups = new Map<string, { match_by: string; entities: Set<string>; values: Set<string> }>();
      for (const one of waiting) {
        const field = catalog.schema.entities.get(one.entity)?.fields.get(one.field);
        if (!field || field.retired) continue;
        const group = groups.get(`${one.entity} ${one.field} ${one.match_by}`) ?? {
          match_by: one.match_by,
          entities: new Set(targetsOfLink(catalog, field)),
          values: new Set<string>(),
        };
        groups.set(`${one.entity} ${one.field} ${one.match_by}`, group);
        group.values.add(one.value);
      }
      for (const group of groups.values()) {
        const found = await lookup(
          deps.access,
          tx,
          catalog,
          (statement) => tx.tx.query(statement.text, statement.values),
          { entities: [...group.entities], matchBy: group.match_by, values: [...group.values] },
        );
        for (const [value, hits] of found) {
          const entity = catalog.schema.entities.get(hits[0].entity);
          // Two records of one title: which is meant is not for a job to say.
          if (!entity || new Set(hits.map((hit) => hit.id)).size > 1) continue;
          const key = group.match_by === 'title' ? entity.titleField : group.match_by;
          await arrivals(deps, tx, catalog, { entity, records: [{ id: hits[0].id, values: { [key]: value } }] });
        }
      }
      return waiting.length < REFERENCES ? null : waiting[waiting.length - 1].id;
    });
    if (last === null) return;
    after = last;
  }
}
