import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';

let base: EmptyDatabase;
let one: Awaited<ReturnType<EmptyDatabase['connect']>>;

beforeAll(async () => {
  base = await emptyDatabase();
  // One connection, so that each use of a statement finds what the one before left.
  one = await base.connect(1);
});

afterAll(() => base.drop());

/** JSON has no such value, and the driver tells so only after it has begun to send. */
function circular(): object {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}

const plain = (value: unknown, text: string) => one.query({ text, values: [value] });
const inTransaction = (value: unknown, text: string) => one.transaction((tx) => tx.query(text, [value]));

describe.each([
  ['alone', plain],
  ['in a transaction', inTransaction],
])('%s', (_name, run) => {
  test.each([0, 1, 2, 3, 5])('a value that cannot be sent at use %i leaves the statement usable', async (before) => {
    const text = `select $1::jsonb as v, ${before} as n`;
    for (let i = 0; i < before; i++) await run({ i }, text);
    await expect(run(circular(), text)).rejects.toThrow('circular');
    for (let i = 0; i < 5; i++) expect(await run({ i }, text)).toEqual([{ v: { i }, n: before }]);
    await expect(run(circular(), text)).rejects.toThrow('circular');
    expect(await run({}, text)).toEqual([{ v: {}, n: before }]);
  });
});

test('rows of a prepared statement follow a table that changes', async () => {
  const query = (text: string) => one.query<Record<string, unknown>>({ text, values: [] });
  await query('create table changing (n integer, day date)');
  await query(`insert into changing values (1, '2026-01-31')`);
  const text = 'select * from changing';
  for (let i = 0; i < 6; i++) expect(await query(text)).toEqual([{ n: 1, day: '2026-01-31' }]);
  await query('alter table changing alter column n type text, add column more boolean default true');
  for (let i = 0; i < 6; i++) expect(await query(text)).toEqual([{ n: '1', day: '2026-01-31', more: true }]);
});
