import { guardTest } from '../access/index.js';
import type { Sql } from '../query/index.js';
import type { Ctx } from '../sdk/index.js';
import type { Write } from './prepare.js';

/** What makes a write that is one statement safe without an opening of its own. */
export interface GuardParts {
  /** The catalog's and the credential's epochs as they are now. */
  readonly cte: string;
  /** True where the statement was made for them: a condition of whatever it writes. */
  readonly holds: string;
  /** The final select of the statement, with the epochs in each of its rows and one row at least. */
  around(select: string): string;
}

/** Parts of a statement that proves for itself what an opening would prove before it. */
export function guardParts(sql: Sql, write: Write<Ctx>): GuardParts {
  const { ctx, catalog, deps } = write;
  return {
    cte: `guard as materialized (select ${deps.access.env(ctx, catalog).guard(sql)})`,
    holds: `(select ${guardTest(sql, ctx.actor, catalog.epoch, 'k')} from guard k)`,
    around: (select) => `select g.epoch, g.security, w.* from guard g left join (${select}) w on true`,
  };
}
