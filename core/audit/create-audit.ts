import { denied } from '../base/errors.js';
import type { AuditLog, Ctx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { appendEntries } from './append.js';
import { checkJobName } from './jobs.js';
import { getEntry, listEntries, type AuditEntry, type AuditFilter, type AuditPage, type AuditQuery } from './list.js';
import { about } from './release.js';
import { listKinds, readState, setRetention, type AuditKind, type ChainState } from './state.js';

/**
 * Appends entries, shows them to whom access lets read them, and says where their chain stands. What reads throws audit.not_a_reader for
 * everybody else.
 */
export interface Audit extends AuditLog {
  /** Newest first. Throws request.cursor. */
  list(ctx: Ctx, query: AuditQuery): Promise<AuditPage>;
  /** Throws audit.not_found. */
  get(ctx: Ctx, id: string): Promise<AuditEntry>;
  /** All entries of the filter, newest first, page by page; itself an entry `audit.exported`. */
  export(ctx: Ctx, filter: AuditFilter, format: string): Promise<AsyncIterable<AuditEntry[]>>;
  chain(ctx: Ctx): Promise<ChainState>;
  /** Orders a check of the whole chain as a job; `chain` says what it found. */
  orderCheck(ctx: Ctx): Promise<void>;
  kinds(ctx: Ctx): Promise<AuditKind[]>;
  /** The caller asks whether one administers. Throws audit.kind_lasts. */
  setRetention(ctx: Ctx, input: { kind: string; days: number | null }): Promise<void>;
}

const exportedAtOnce = 500;

/** Composes the room. Entries carry the server's clock; nothing here changes or removes one. `mayRead` absent: nobody may. */
export function createAudit(options: { database: Database; mayRead?: (ctx: Ctx) => boolean; now?: () => Date }): Audit {
  const { database } = options;
  const now = options.now ?? (() => new Date());
  const requireReader = (ctx: Ctx): void => {
    if (options.mayRead?.(ctx) !== true)
      throw denied('audit.not_a_reader', 'Your roles do not let you read the audit.', {
        hint: 'Ask an administrator for a role that does.',
      });
  };
  const append: AuditLog['append'] = async (tx, given) => {
    const at = now();
    const entries = [given].flat().map((entry) => ({ ...entry, at }));
    if (tx !== null) await appendEntries(tx, entries);
    else await appendEntries({ query: (text, values = []) => database.query({ text, values }) }, entries);
  };
  return {
    append,
    async list(ctx, query) {
      requireReader(ctx);
      return listEntries(database, query);
    },
    async get(ctx, id) {
      requireReader(ctx);
      return getEntry(database, id);
    },
    async export(ctx, filter, format) {
      requireReader(ctx);
      const { from, to, ...rest } = filter;
      const given = { ...rest, from: from?.toISOString(), to: to?.toISOString() };
      const asked = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, value ?? null]));
      await append(null, { ...about(ctx), kind: 'audit.exported', payload: { format, ...asked } });
      return allPages(database, ctx, filter);
    },
    async chain(ctx) {
      requireReader(ctx);
      return readState(database);
    },
    async orderCheck(ctx) {
      requireReader(ctx);
      await database.query({ text: 'update trellis.audit_head set check_wanted_at = clock_timestamp()', values: [] });
      await ctx.jobs.enqueue(ctx, checkJobName, null, { singletonKey: 'asked' });
    },
    async kinds(ctx) {
      requireReader(ctx);
      return listKinds(database);
    },
    setRetention: (ctx, input) => setRetention(database, ctx, input),
  };
}

async function* allPages(database: Database, ctx: Ctx, filter: AuditFilter): AsyncGenerator<AuditEntry[]> {
  let after: string | undefined;
  do {
    ctx.signal.throwIfAborted();
    const { data, page } = await listEntries(database, { ...filter, limit: exportedAtOnce, after });
    yield data;
    after = page.next ?? undefined;
  } while (after !== undefined);
}
