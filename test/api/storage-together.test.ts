import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { startListener } from '../../core/storage/listener.js';
import { until } from '../support/client.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';

let base: EmptyDatabase;

beforeAll(async () => {
  base = await emptyDatabase();
  await base.db.query({ text: 'create table public.note (n integer primary key)', values: [] });
});

afterAll(() => base.drop());

const lock = 'select pg_advisory_xact_lock_shared(77)';
const insert = (n: unknown) => ({ text: 'insert into public.note (n) values ($1::integer) returning n', values: [n] });
const stored = async (): Promise<number[]> =>
  (await base.db.query<{ n: number }>({ text: 'select n from public.note order by n', values: [] })).map(({ n }) => n);
/** True where the lock of the first statement could be had. */
const free = async (): Promise<boolean> => {
  const text = 'select pg_try_advisory_xact_lock(77) as free';
  return (await base.db.query<{ free: boolean }>({ text, values: [] }))[0].free;
};
/** True where somebody holds an advisory lock, or waits for it. */
const locked = async (key: number, granted: boolean): Promise<boolean> => {
  const text = `select 1 from pg_locks where locktype = 'advisory' and objid = $1 and granted = $2
    and database = (select oid from pg_database where datname = current_database())`;
  return (await base.db.query({ text, values: [key, granted] })).length > 0;
};

beforeEach(() => base.db.query({ text: 'delete from public.note', values: [] }));

test('two statements sent together answer with the rows of the second', async () => {
  expect(await base.db.queryAfter(lock, insert(1))).toEqual([{ n: 1 }]);
  expect(await stored()).toEqual([1]);
});

test('where the second fails, the first is undone with it', async () => {
  await base.db.queryAfter(lock, insert(1));
  const first = 'insert into public.note (n) values (2)';
  await expect(base.db.queryAfter(first, insert(1))).rejects.toMatchObject({ code: 'database.unique' });
  expect(await stored()).toEqual([1]);
});

test('where the first fails, the second is never run', async () => {
  await expect(base.db.queryAfter('select 1 / 0', insert(1))).rejects.toMatchObject({ code: 'database.failed' });
  expect(await stored()).toEqual([]);
});

test('a connection serves again after each kind of failure, before and after its statements are prepared', async () => {
  for (let i = 1; i <= 8; i++) {
    await expect(base.db.queryAfter('select 1 / 0', insert(i))).rejects.toThrow();
    await expect(base.db.queryAfter(lock, insert('no number'))).rejects.toMatchObject({ code: 'database.value' });
    const circle: unknown[] = [];
    circle.push(circle);
    await expect(base.db.queryAfter(lock, insert(circle))).rejects.toThrow();
    expect(await base.db.queryAfter(lock, insert(i))).toEqual([{ n: i }]);
  }
  expect(await stored()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('nothing stays open or locked where neither statement has a value or a name', async () => {
  const pool = await base.connect(1);
  await pool.queryAfter(lock, { text: 'insert into public.note (n) values (5)', values: [] });
  expect(await stored()).toEqual([5]);
  expect(await free()).toBe(true);
});

test('a read without values leaves no transaction open where the connection changes the mode of its plans', async () => {
  const pool = await base.connect(1);
  for (let i = 0; i < 5; i++) await pool.query({ text: 'select n from public.note where n = $1', values: [i] });
  await pool.query({ text: 'select count(*) as all from public.note', values: [] });
  const text = `select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`;
  expect(await base.db.query({ text, values: [] })).toEqual([]);
});

test('the second sees what was committed while the first one waited', async () => {
  let waiting: Promise<unknown[]> | null = null;
  await base.db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(77)');
    waiting = base.db.queryAfter(lock, { text: 'select count(*)::integer as n from public.note', values: [] });
    await until(() => locked(77, false), Boolean);
    await tx.query('insert into public.note (n) values (9)');
  });
  expect(await waiting).toEqual([{ n: 1 }]);
});

test('the lock of the first is held until the second is committed', async () => {
  let second: Promise<unknown[]> | null = null;
  await base.db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(78)');
    second = base.db.queryAfter(lock, { text: 'select pg_advisory_xact_lock(78)', values: [] });
    await until(() => locked(78, false), Boolean);
    expect(await free()).toBe(false);
  });
  await second;
  expect(await free()).toBe(true);
});

test('two that lock each other are repeated until both have written', async () => {
  await base.db.queryAfter(lock, insert(1));
  await base.db.queryAfter(lock, insert(2));
  const locks = (n: number): string => `update public.note set n = n where n = ${n}`;
  const then = (n: number) => ({
    text: `with pause as materialized (select pg_sleep(0.2)) update public.note set n = n from pause where n = ${n} returning n`,
    values: [],
  });
  const both = await Promise.all([base.db.queryAfter(locks(1), then(2)), base.db.queryAfter(locks(2), then(1))]);
  expect(both).toEqual([[{ n: 2 }], [{ n: 1 }]]);
});

test('a listener that is made again waits for no silent server, neither to be stopped nor to begin', async () => {
  const { hostname, port } = new URL(base.url);
  const sockets: Socket[] = [];
  let open = 0;
  // The first connection is passed on; to all others nobody answers.
  const server = createServer((socket) => {
    open++;
    socket.on('close', () => open--).on('error', () => undefined);
    if (sockets.push(socket) > 1) return void socket.resume();
    const behind = connect(Number(port), hostname).on('error', () => undefined);
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = new URL(base.url);
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const told: string[] = [];
    const options = { url: url.href, channel: 'note', onNotify: (payload: string) => void told.push(payload) };
    const stop = await startListener({ ...options, patienceMs: 20_000 });
    await base.db.query({ text: "select pg_notify('note', 'one')", values: [] });
    await until(
      async () => told,
      ({ length }) => length > 0,
    );
    sockets[0].destroy();
    await until(
      async () => sockets.length,
      (count) => count === 2,
    );
    await stop();
    await expect(startListener({ ...options, patienceMs: 50 })).rejects.toThrow();
    await until(
      async () => open,
      (count) => count === 0,
    );
    expect([told, sockets.length]).toEqual([['one'], 3]);
  } finally {
    server.close();
  }
});
