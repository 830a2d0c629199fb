import type { AuditInput, AuditLog, Ctx, Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { appendEntries } from './append.js';
import { checkJobName } from './jobs.js';
import {
  getEntry,
  listEntries,
  requireReader,
  type AuditEntry,
  type AuditFilter,
  type AuditPage,
  type AuditQuery,
} from './list.js';
import { about } from './release.js';
import { listKinds, readState, setRetention, type AuditKind, type ChainState } from './state.js';

/** Appends entries, shows them to administrators, and says where their chain stands. */
export interface Audit extends AuditLog {
  /** Newest first. Throws auth.administrator_required, request.cursor. */
  list(ctx: Ctx, query: AuditQuery): Promise<AuditPage>;
  /** Throws auth.administrator_required, audit.not_found. */
  get(ctx: Ctx, id: string): Promise<AuditEntry>;
  /** All entries of the filter, newest first, page by page; itself an entry `audit.exported`. Throws auth.administrator_required. */
  export(ctx: Ctx, filter: AuditFilter, format: string): Promise<AsyncIterable<AuditEntry[]>>;
  chain(ctx: Ctx): Promise<ChainState>;
  /** Orders a check of the whole chain as a job; `chain` says what it found. Throws auth.administrator_required. */
  orderCheck(ctx: Ctx): Promise<void>;
  kinds(ctx: Ctx): Promise<AuditKind[]>;
  /** Throws auth.administrator_required, audit.kind_lasts. */
  setRetention(ctx: Ctx, input: { kind: string; days: number | null }): Promise<void>;
}

const exportedAtOnce = 500;

/** Composes the room. Entries carry the server's clock; nothing here changes or removes one. */
export function createAudit(options: { database: Database; now?: () => Date }): Audit {
  const { database } = options;
  const now = options.now ?? (() => new Date());
  const append = async (tx: Tx | null, entry: AuditInput): Promise<void> => {
    const entries = [{ ...entry, at: now() }];
    if (tx !== null) await appendEntries(tx, entries);
    else await appendEntries({ query: (text, values = []) => database.query({ text, values }) }, entries);
  };
  return {
    append,
    list: (ctx, query) => listEntries(database, ctx, query),
    get: (ctx, id) => getEntry(database, ctx, id),
    async export(ctx, filter, format) {
      requireReader(ctx);
      const { from, to, ...rest } = filter;
      const given = { ...rest, from: from?.toISOString(), to: to?.toISOString() };
      const asked = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, value ?? null]));
      await append(null, { ...about(ctx), kind: 'audit.exported', payload: { format, ...asked } });
      return allPages(database, ctx, filter);
    },
    chain: (ctx) => readState(database, ctx),
    async orderCheck(ctx) {
      requireReader(ctx);
      await database.query({ text: 'update trellis.audit_head set check_wanted_at = clock_timestamp()', values: [] });
      await ctx.jobs.enqueue(ctx, checkJobName, null, { singletonKey: 'asked' });
    },
    kinds: (ctx) => listKinds(database, ctx),
    setRetention: (ctx, input) => setRetention(database, ctx, input),
  };
}

async function* allPages(database: Database, ctx: Ctx, filter: AuditFilter): AsyncGenerator<AuditEntry[]> {
  let after: string | undefined;
  do {
    ctx.signal.throwIfAborted();
    const { data, page } = await listEntries(database, ctx, { ...filter, limit: exportedAtOnce, after });
    yield data;
    after = page.next ?? undefined;
  } while (after !== undefined);
}
