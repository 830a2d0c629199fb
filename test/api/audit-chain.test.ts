import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAudit, eraseAudit, readAnchor, verifyChain } from '../../core/audit/index.js';
import { pruneEntries } from '../../core/audit/release.js';
import { sealEntries } from '../../core/audit/seal.js';
import { silentLog } from '../../core/base/log.js';
import { pruneOutbox } from '../../core/jobs/dispatcher.js';
import type { Ctx, Tx } from '../../core/sdk/index.js';
import { createBackups, filesFolder, migrations, restoreDatabase, type Database } from '../../core/storage/index.js';
import { until } from '../support/client.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';

let base: EmptyDatabase;
let db: Database;
beforeEach(async () => {
  base = await emptyDatabase();
  ({ db } = base);
});
afterEach(() => base.drop());

const someone = '0199a000-0000-7000-8000-0000000000aa';
const another = '0199a000-0000-7000-8000-0000000000bb';
const ctx = {
  actor: { kind: 'system', reason: 'test', onBehalfOf: null },
  tx: null,
  requestId: 'test',
  signal: new AbortController().signal,
  now: () => new Date(),
} as unknown as Ctx;

const query = <Row = Record<string, unknown>>(text: string, values: unknown[] = [], of = db): Promise<Row[]> =>
  of.query<Row>({ text, values });
const add = (kind: string, payload: Record<string, string> = {}, tx: Tx | null = null, at?: Date): Promise<void> =>
  createAudit({ database: db, ...(at ? { now: () => at } : {}) }).append(tx, { kind, actor: null, payload });

/** Other tests' transactions on this server hold the horizon back for a moment. */
async function sealAll(of = db): Promise<void> {
  await until(
    async () => {
      await sealEntries(of);
      return (await query<{ n: string }>('select count(*) as n from trellis.audit_entry where seq is null', [], of))[0]
        .n;
    },
    (n) => n === '0',
    60_000,
  );
}

async function chainOf(count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await add('session.started', { email: `person-${n}@example.com` });
  await sealAll();
}

const bySeq = (): Promise<{ seq: string; kind: string }[]> =>
  query('select seq, kind from trellis.audit_entry order by seq');
/** As who has the database to himself. */
const forced = (sql: string): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = replica`);
    for (const one of sql.split(';')) await tx.query(one);
  });

test('sealed entries make a chain without gaps that holds', async () => {
  await chainOf(5);
  expect((await bySeq()).map(({ seq }) => seq)).toEqual(['1', '2', '3', '4', '5']);
  expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: 5, entries: 5, erased: 0, pruned: 0, problem: null });
});

test.each([
  ['its kind changed', `update trellis.audit_entry set kind = 'session.ended' where seq = 2`, 2, 'entry'],
  ['its time changed', `update trellis.audit_entry set at = at + interval '1 microsecond' where seq = 3`, 3, 'entry'],
  ['its actor changed', `update trellis.audit_entry set actor = '${someone}' where seq = 1`, 1, 'entry'],
  [
    'its details changed',
    `update trellis.audit_payload set payload = '{"email":"x"}' where entry_id = (select id from trellis.audit_entry where seq = 4)`,
    4,
    'payload',
  ],
  [
    'its details gone',
    `delete from trellis.audit_payload where entry_id = (select id from trellis.audit_entry where seq = 4)`,
    4,
    'payloadMissing',
  ],
  [
    'a row gone',
    `delete from trellis.audit_payload where entry_id = (select id from trellis.audit_entry where seq = 3); delete from trellis.audit_entry where seq = 3`,
    3,
    'missing',
  ],
  ['the first gone', `delete from trellis.audit_entry where seq = 1`, 1, 'missing'],
  [
    'two swapped',
    `update trellis.audit_entry set seq = 99 where seq = 2; update trellis.audit_entry set seq = 2 where seq = 3; update trellis.audit_entry set seq = 3 where seq = 99`,
    2,
    'entry',
  ],
  ['the tail cut', `delete from trellis.audit_entry where seq > 4`, 5, 'tail'],
  ['the tail unsealed', `update trellis.audit_entry set seq = null, hash = null where seq = 6`, 6, 'tail'],
  [
    'a row put in behind',
    `update trellis.audit_head set seq = 5, hash = (select hash from trellis.audit_entry where seq = 5)`,
    6,
    'tail',
  ],
  [
    'a run called removed',
    `delete from trellis.audit_entry where seq in (2, 3); insert into trellis.audit_checkpoint select 2, 3, hash from trellis.audit_head`,
    4,
    'entry',
  ],
])('by hand in SQL: %s', async (_what, sql, seq, code) => {
  await chainOf(6);
  await forced(sql);
  expect((await verifyChain(db)).problem).toMatchObject({ seq, code });
});

test('a removed run with the right hash is found, because no retention tells of it', async () => {
  await chainOf(4);
  const [{ hash }] = await query<{ hash: Buffer }>('select hash from trellis.audit_entry where seq = 2');
  await forced('delete from trellis.audit_entry where seq = 2');
  await query('insert into trellis.audit_checkpoint values (2, 2, $1)', [hash]);
  expect((await verifyChain(db)).problem).toEqual({ seq: 2, entryId: null, code: 'checkpoint' });
});

test('a chain rewritten as a whole is found by an anchor noted elsewhere', async () => {
  await chainOf(3);
  const { anchor } = await verifyChain(db);
  await chainOf(1);
  expect(await verifyChain(db, readAnchor(anchor) ?? undefined)).toMatchObject({ ok: true, upTo: 4 });
  await forced(
    `update trellis.audit_entry set seq = null, hash = null; update trellis.audit_entry set kind = 'session.ended' where id = (select min(id::text)::uuid from trellis.audit_entry); update trellis.audit_head set seq = 0, hash = decode(repeat('00', 32), 'hex')`,
  );
  await sealAll();
  expect((await verifyChain(db)).ok).toBe(true);
  expect((await verifyChain(db, readAnchor(anchor) ?? undefined)).problem).toEqual({
    seq: 3,
    entryId: null,
    code: 'anchor',
  });
});

test('the database refuses to change, remove or empty entries, sealed or not', async () => {
  await chainOf(2);
  await add('session.ended');
  for (const sql of [
    `update trellis.audit_entry set kind = 'x' where seq = 1`,
    `update trellis.audit_entry set seq = 7 where seq = 2`,
    `update trellis.audit_entry set kind = 'x', seq = 3 where seq is null`,
    `delete from trellis.audit_entry where seq = 1`,
    `delete from trellis.audit_entry where seq is null`,
    `update trellis.audit_payload set payload = '{}'`,
    `delete from trellis.audit_payload`,
    `truncate trellis.audit_payload`,
    `truncate trellis.audit_entry cascade`,
  ])
    expect([sql, await query(sql).catch((error: { cause: { code: string } }) => error.cause.code)]).toEqual([
      sql,
      '42501',
    ]);
  expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: 2 });
});

test('entries are sealed in the order of their commits, however long one took', async () => {
  let finish: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (finish = resolve));
  let begun: () => void = () => undefined;
  const isBegun = new Promise<void>((resolve) => (begun = resolve));
  const slow = db.transaction(async (tx) => {
    await add('slow.began', {}, tx);
    begun();
    await gate;
  });
  await isBegun;
  await add('quick.ended');
  const early = await sealEntries(db);
  finish();
  await slow;
  // The quick one waited: what began before it had not ended.
  expect(early).toBe(0);
  await sealAll();
  expect((await bySeq()).map(({ kind }) => kind)).toEqual(['slow.began', 'quick.ended']);
});

test('two nodes that seal at once while entries come do not fork the chain', async () => {
  const other = await base.connect(4);
  await Promise.all([
    ...Array.from({ length: 40 }, (_, n) => add('session.started', { n: String(n) })),
    ...Array.from({ length: 10 }, () => sealEntries(db)),
    ...Array.from({ length: 10 }, () => sealEntries(other)),
  ]);
  await Promise.all([sealAll(), sealAll(other)]);
  expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: 40, entries: 40 });
});

test('a sealer that dies in the middle leaves nothing half: the next goes on', async () => {
  await chainOf(2);
  await add('session.ended');
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  let held: () => void = () => undefined;
  const isHeld = new Promise<void>((resolve) => (held = resolve));
  const holder = db.transaction(async (tx) => {
    await tx.query('select 1 from trellis.audit_head for update');
    held();
    await gate;
  });
  await isHeld;
  // Its links are written, the head is not: there it is killed.
  const sealing = sealEntries(await base.connect(1)).catch((error: unknown) => error);
  const [{ pid }] = await until(
    () =>
      query<{ pid: number }>(
        `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update trellis.audit_head%'`,
      ),
    (rows) => rows.length === 1,
    60_000,
  );
  await query('select pg_terminate_backend($1)', [pid]);
  expect(await sealing).toMatchObject({ name: 'TrellisError' });
  release();
  await holder;
  expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: 2 });
  await sealAll();
  expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: 3 });
});

test('a change of records becomes an entry of who made it; until then the outbox keeps its row', async () => {
  await query(
    `insert into trellis.outbox (topic, payload, author, created_at) values ('record.changed', $1, $2, now() - interval '1 hour')`,
    [
      JSON.stringify({ entity: 'a.b', operation: 'update', ids: [another] }),
      JSON.stringify({ actor: someone, request: 'r7', fields: ['name'], actedBy: someone }),
    ],
  );
  await query(`insert into trellis.outbox_cursor values ('jobs', '9000000000000', 0)`);
  const waiting = () => query('select 1 from trellis.outbox');
  await pruneOutbox(db);
  expect(await waiting()).toHaveLength(1);
  const entries = () =>
    query(
      `select e.kind, e.actor, e.request_id, p.payload::json as payload, p.entity, p.records from trellis.audit_entry e join trellis.audit_payload p on p.entry_id = e.id`,
    );
  await until(
    async () => {
      await sealEntries(db);
      return entries();
    },
    (rows) => rows.length > 0,
    60_000,
  );
  await sealEntries(db);
  expect(await entries()).toEqual([
    {
      kind: 'records.changed',
      actor: someone,
      request_id: 'r7',
      payload: { entity: 'a.b', operation: 'update', ids: [another], fields: ['name'], actedBy: someone },
      entity: 'a.b',
      records: [another, someone],
    },
  ]);
  await pruneOutbox(db);
  expect(await waiting()).toEqual([]);
  await sealAll();
  expect(await verifyChain(db)).toMatchObject({ ok: true, upTo: 1 });
});

test('erasure takes details and salt of a person, leaves the others, and the chain holds', async () => {
  await add('session.refused', { email: 'Ann@Example.com' });
  await add('user.invited', { id: someone });
  await add('session.refused', { email: 'bob@example.com' });
  await sealAll();
  const input = { ids: [someone], texts: ['ann@example.com'], reason: 'asked for' };
  expect(await eraseAudit(db, ctx, input)).toBe(2);
  expect(await eraseAudit(db, ctx, input)).toBe(0);
  const left = await query<{ payload: string }>('select payload from trellis.audit_payload');
  expect(left.map(({ payload }) => payload).join(' ')).toContain('bob@example.com');
  expect(left.map(({ payload }) => payload).join(' ')).not.toMatch(new RegExp(`ann@|${someone}`, 'i'));
  expect(await verifyChain(db)).toMatchObject({ ok: true, entries: 3, erased: 2 });
  await sealAll();
  expect(await verifyChain(db)).toMatchObject({ ok: true, entries: 4, erased: 2 });
});

test('erasure leaves a batch of changes that names others too', async () => {
  const audit = createAudit({ database: db });
  const change = (ids: string[]) =>
    audit.append(null, { kind: 'records.changed', actor: null, payload: { entity: 'a.b', ids } });
  await change([someone]);
  await change([someone, another]);
  expect(await eraseAudit(db, ctx, { ids: [someone], reason: 'asked for' })).toBe(1);
});

test('retention ends old entries of a kind; the chain goes on from checkpoints, and an entry tells of it', async () => {
  const old = new Date(Date.now() - 10 * 86_400_000);
  for (const kind of ['session.started', 'user.created', 'session.started', 'session.started'])
    await add(kind, {}, null, old);
  await add('session.started');
  await sealAll();
  const { anchor } = await verifyChain(db);
  await query(`insert into trellis.audit_retention values ('session.started', 7)`);
  expect(await pruneEntries(db, ctx)).toBe(3);
  await sealAll();
  expect((await bySeq()).map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
    '2 user.created',
    '5 session.started',
    '6 audit.pruned',
  ]);
  expect(await verifyChain(db, readAnchor(anchor) ?? undefined)).toMatchObject({ ok: true, entries: 3, pruned: 3 });
  // What lies between two runs goes too: they become one.
  await query(`insert into trellis.audit_retention values ('user.created', 7)`);
  expect(await pruneEntries(db, ctx)).toBe(1);
  expect(await query('select from_seq, to_seq from trellis.audit_checkpoint')).toEqual([
    { from_seq: '1', to_seq: '4' },
  ]);
  expect(await verifyChain(db)).toMatchObject({ ok: true, pruned: 4 });
});

test('a restored backup has the chain, and goes on with it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'trellis-audit-'));
  const target = await emptyDatabase({ migrated: false });
  try {
    await chainOf(3);
    await add('session.ended');
    const backups = createBackups({ url: base.url, dataDir, log: silentLog });
    const { name } = await backups.create();
    const source = join(dataDir, 'backups', name);
    await restoreDatabase({ url: target.url, filesDir: filesFolder(dataDir), source, migrations, force: false });
    expect(await verifyChain(target.db)).toMatchObject({ ok: true, upTo: 3 });
    // As from a cluster whose transactions are far ahead of this one's.
    await target.db.transaction(async (tx) => {
      await tx.query('set local session_replication_role = replica');
      await tx.query(`update trellis.audit_entry set xid = '9000000000000' where seq is null`);
    });
    await sealAll(target.db);
    expect(await verifyChain(target.db)).toMatchObject({ ok: true, upTo: 4 });
    await expect(query('truncate trellis.audit_entry cascade', [], target.db)).rejects.toMatchObject({
      cause: { code: '42501' },
    });
  } finally {
    await target.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
