import { createHash } from 'node:crypto';
import { broken, conflict, invalid } from '../base/errors.js';
import type { Migration } from './migrations/migration.js';
import type { Database } from './types.js';

/** Key of the advisory lock under which the kernel's tables change; every node takes the same. */
const migrationLock = 7_340_001;

/** What the server is, as far as Trellis depends on it. */
export interface ServerFacts {
  /** `server_version_num`, e.g. 180004. */
  readonly version: number;
  readonly encoding: string;
  /** Whether letters beyond ASCII are letters (a C ctype says no, and search would miss them). */
  readonly unicode: boolean;
}

/** A migration as the database remembers it. */
export interface AppliedMigration {
  readonly id: string;
  readonly hash: string;
}

/**
 * Brings the kernel's own tables to the code's state; returns the ids that were run now, in order. Safe on several nodes at once.
 * Throws storage.server_too_old, storage.not_utf8, storage.c_ctype, storage.database_newer (the database was migrated by newer
 * code), storage.migration_changed (an applied one reads differently now).
 */
export async function runMigrations(db: Database, migrations: readonly Migration[]): Promise<string[]> {
  checkServer(await readServerFacts(db));
  const pending = pendingAfter(migrations, await readApplied(db));
  const ran: string[] = [];
  for (const migration of pending) {
    if (await runOne(db, migrations, migration)) ran.push(migration.id);
  }
  return ran;
}

/** Asks the server what it is. */
export async function readServerFacts(db: Database): Promise<ServerFacts> {
  const [facts] = await db.query<Omit<ServerFacts, 'unicode'>>({
    text: `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
    values: [],
  });
  // A server of another encoding cannot even be asked.
  if (facts.encoding !== 'UTF8') return { ...facts, unicode: false };
  const [{ unicode }] = await db.query<{ unicode: boolean }>({
    text: `select 'é' ~ '^[[:alnum:]]$' and '张' ~ '^[[:alnum:]]$' and lower('Ä') = 'ä' as unicode`,
    values: [],
  });
  return { ...facts, unicode };
}

/** Migrations that the database has seen, in order; none where it is empty. */
export async function readApplied(db: Database): Promise<AppliedMigration[]> {
  const [{ known }] = await db.query<{ known: boolean }>({
    text: `select to_regclass('trellis.migration') is not null as known`,
    values: [],
  });
  return known ? db.query<AppliedMigration>({ text: appliedSql, values: [] }) : [];
}

/** Refuses a server on which Trellis would give wrong answers. */
export function checkServer(facts: ServerFacts): void {
  if (facts.version < 150_000) {
    throw invalid(
      'storage.server_too_old',
      `PostgreSQL ${Math.floor(facts.version / 10_000)} is too old; Trellis needs 15 or newer.`,
    );
  }
  if (facts.encoding !== 'UTF8') {
    throw invalid('storage.not_utf8', `The database is encoded in ${facts.encoding}; Trellis needs UTF8.`, {
      hint: `Make it with: create database trellis encoding 'UTF8' template template0`,
    });
  }
  if (!facts.unicode) {
    throw invalid(
      'storage.c_ctype',
      'The database has a C character type: search would miss every letter beyond ASCII.',
      {
        hint: `Make it with: create database trellis locale_provider icu icu_locale 'und' template template0`,
      },
    );
  }
}

/** The migrations still to run. Throws storage.database_newer and storage.migration_changed. */
export function pendingAfter(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.id, migrationHash(migration)]));
  for (const { id, hash } of applied) {
    const expected = known.get(id);
    if (expected === undefined) {
      throw conflict('storage.database_newer', `The database was migrated by a newer Trellis (it knows ${id}).`, {
        hint: 'Run that version, or restore a backup made before.',
      });
    }
    if (expected !== hash)
      throw broken('storage.migration_changed', `Migration ${id} was changed after it ran on this database.`, {
        hint: 'Add a new migration instead.',
      });
  }
  const done = new Set(applied.map(({ id }) => id));
  return migrations.filter(({ id }) => !done.has(id));
}

/** SHA-256 of a migration's text, hex; line ends and trailing blanks do not count. */
export function migrationHash(migration: Migration): string {
  return createHash('sha256')
    .update(migration.up.replace(/[ \t\r]+$/gm, '').trim())
    .digest('hex');
}

/** Makes the place where migrations are remembered; several statements. */
export const createMigrationTable = `create schema if not exists trellis;
create table if not exists trellis.migration (id text primary key, hash text not null, applied_at timestamptz not null default now())`;

const appliedSql = 'select id, hash from trellis.migration order by id';

// The lock comes first: what another node applied meanwhile is seen by the select after it.
const opening = `select pg_advisory_xact_lock(${migrationLock});
${createMigrationTable};
${appliedSql}`;

/** False where another node was first. */
async function runOne(db: Database, migrations: readonly Migration[], migration: Migration): Promise<boolean> {
  return db.transaction(
    async (tx, applied) => {
      if (!pendingAfter(migrations, applied as unknown as AppliedMigration[]).includes(migration)) return false;
      await tx.query(migration.up).catch((cause: unknown) => {
        const said = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
        throw broken(
          'storage.migration_failed',
          `Migration ${migration.id} failed, nothing of it was kept: ${said instanceof Error ? said.message : String(said)}`,
          { cause },
        );
      });
      await tx.query('insert into trellis.migration (id, hash) values ($1, $2)', [
        migration.id,
        migrationHash(migration),
      ]);
      return true;
    },
    { opening, retries: 0 },
  );
}
