import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client, type Loose } from '../support/client.js';
import { applyChange, companyField, type StudioOperation } from '../support/studio.js';

/** History of a field goes on to be told while the field is retired, and as ever after it was restored. */
let app: TestApp;
let clerk: Client;
const path = '/api/records/contacts.company';
const op = (verb: string, at: string, value?: unknown): StudioOperation => ({
  type: 'entity',
  id: 'contacts.company',
  op: verb,
  at,
  ...(value === undefined ? {} : { value }),
});
const apply = async (...operations: StudioOperation[]): Promise<void> => {
  expectOk(await applyChange(app.admin, operations, { onBroken: 'remove' }));
};

beforeAll(async () => {
  app = await startApp();
  const grants = [{ entity: '*', read: 'all', create: false, update: 'none', delete: 'none' }];
  await apply(companyField('x_hid', 'integer'), {
    op: 'set',
    type: 'role',
    id: 'x.clerk',
    at: '',
    value: { title: 'C', grants, fields: [{ entity: 'contacts.company', field: 'x_hid', access: 'none' }] },
  });
  clerk = await app.member({ roles: ['x.clerk'] });
}, 120_000);
afterAll(() => app.stop());

async function changesOf(id: string, client: Client = app.admin): Promise<Loose[]> {
  const { body } = expectOk(await client.get(`${path}/${id}/history`));
  return (body.data as unknown as { changes: Loose[] }[]).flatMap((entry) => entry.changes);
}

const kinds: [string, object, unknown, unknown][] = [
  ['integer', {}, 1, 2],
  ['money', {}, 10, 20],
  [
    'choice',
    {
      options: [
        { value: 'a', title: 'A' },
        { value: 'b', title: 'B' },
      ],
    },
    'a',
    'b',
  ],
  [
    'multiChoice',
    {
      options: [
        { value: 'a', title: 'A' },
        { value: 'b', title: 'B' },
      ],
    },
    ['a'],
    ['b'],
  ],
  ['date', {}, '2024-01-01', '2024-01-02'],
  ['address', {}, { city: 'X' }, { city: 'Y' }],
];
const ways: [string, (key: string) => StudioOperation, (key: string, field: StudioOperation) => StudioOperation][] = [
  [
    'marked',
    (key) => op('set', `/properties/${key}/x-field/retired`, true),
    (key) => op('unset', `/properties/${key}/x-field/retired`),
  ],
  ['taken out', (key) => op('unset', `/properties/${key}`), (_key, field) => field],
];

describe.each(ways)('%s', (way, retire, restore) => {
  test.each(kinds)('%s', async (kind, x, one, two) => {
    const key = `x_${kind}${way === 'marked' ? 'M' : 'T'}`;
    const field = companyField(key, kind, x);
    await apply(field);
    const id = String(expectOk(await app.admin.post(path, { name: 'h', [key]: one }), 201).body.data.id);
    expectOk(await app.admin.patch(`${path}/${id}`, { [key]: two }));
    expectOk(await app.admin.patch(`${path}/${id}`, { [key]: null }));
    const told = await changesOf(id);
    const of = (changes: Loose[]) => changes.filter((change) => String(change.field) === key);
    expect(of(told)).toMatchObject([
      { before: two, after: null },
      { before: one, after: two },
    ]);
    await apply(retire(key));
    expect(of(await changesOf(id))).toMatchObject([
      { before: two, after: null, retired: true, title: key, kind },
      { before: one, after: two, retired: true, title: key },
    ]);
    await apply(restore(key, field));
    expect(await changesOf(id)).toEqual(told);
  });
});

test.each(ways)('what a role hid it does not see in the history either: %s', async (_way, retire, restore) => {
  const id = String(expectOk(await app.admin.post(path, { name: 'h', x_hid: 1 }), 201).body.data.id);
  expectOk(await app.admin.patch(`${path}/${id}`, { x_hid: 2, name: 'i' }));
  const fields = async (client: Client): Promise<unknown[]> =>
    (await changesOf(id, client)).map((change) => String(change.field)).sort();
  for (const step of [null, retire('x_hid'), restore('x_hid', companyField('x_hid', 'integer'))]) {
    if (step) await apply(step);
    expect([await fields(app.admin), await fields(clerk)]).toEqual([['name', 'x_hid'], ['name']]);
  }
});
