import { expectOk, until, type Answer, type Client, type Loose } from '../support/client.js';
import { createImport } from '../support/imports.js';
import { startApp, type TestApp } from '../support/app.js';

// What is hidden stays hidden, on every surface: rows that a member does not own, and the field it may not see.
const contacts = '/api/records/contacts.contact';
const companies = '/api/records/contacts.company';
const SECRET = 'Zanzibar';
let app: TestApp;
let member: Client & { readonly id: string };
let own: Loose;
let hidden: Loose;
let hiddenCompany: Loose;

beforeAll(async () => {
  app = await startApp();
  member = await app.member();
  hiddenCompany = expectOk(await app.admin.post(companies, { name: `${SECRET} Holding`, externalId: 'hc' }), 201).body
    .data;
  hidden = expectOk(
    await app.admin.post(contacts, {
      lastName: SECRET,
      jobTitle: `${SECRET} keeper`,
      externalId: 'hidden-1',
      company: hiddenCompany.id,
      annualIncome: 1,
    }),
    201,
  ).body.data;
  own = expectOk(await member.post(contacts, { lastName: 'Visible', externalId: 'own-1' }), 201).body.data;
  // Its own record, as others changed it: it earns 987654, and works for a company and a boss that it cannot see.
  expectOk(
    await app.admin.patch(`${contacts}/${String(own.id)}`, {
      annualIncome: 987654,
      company: hiddenCompany.id,
      reportsTo: hidden.id,
      companies: [String(hiddenCompany.id)],
    }),
  );
  // A second one, so that order and groups could tell something.
  const second = expectOk(await member.post(contacts, { lastName: 'Another' }), 201).body.data;
  const other = expectOk(await app.admin.post(companies, { name: `${SECRET} Two` }), 201).body.data;
  expectOk(await app.admin.patch(`${contacts}/${String(second.id)}`, { annualIncome: 5, company: other.id }));
});
afterAll(() => app?.stop());

const at = (path: string, query: Record<string, string>): string => `${path}?${new URLSearchParams(query).toString()}`;
const one = (id: unknown): string => `${contacts}/${String(id)}`;

describe('a row that one may not see', () => {
  const nobody = '0190a5c2-7b3e-7c4d-8e5f-001122334455';
  const alike = (answer: Answer): object => ({
    status: answer.status,
    code: String(answer.body.code),
    detail: String(answer.body.detail),
  });

  test.each<[string, (id: string) => Promise<Answer>]>([
    ['read', (id) => member.get(one(id))],
    ['history', (id) => member.get(`${one(id)}/history`)],
    ['access', (id) => member.get(`${one(id)}/access`)],
    ['change', (id) => member.patch(one(id), { firstName: 'x' })],
    ['change by a stale version', (id) => member.patch(one(id), { firstName: 'x' }, { 'if-match': '"77"' })],
    ['change with a bad value', (id) => member.patch(one(id), { birthdate: 'never' })],
    ['dry change', (id) => member.patch(`${one(id)}?dryRun=true`, { firstName: 'x' })],
    ['delete', (id) => member.delete(one(id))],
    ['restore', (id) => member.post(`${one(id)}/restore`)],
  ])('is like none: %s', async (_surface, ask) => {
    const [answer, none] = [await ask(String(hidden.id)), await ask(nobody)];
    expect(answer.status).toBe(404);
    expect(alike(answer)).toEqual(alike(none));
  });

  test('cannot be purged, and in the bin it is as hidden', async () => {
    const gone = expectOk(await app.admin.post(contacts, { lastName: `${SECRET} gone` }), 201).body.data;
    expect((await app.admin.delete(one(gone.id))).status).toBe(204);
    expect((await member.get(at(contacts, { deleted: 'only' }))).body.data).toEqual([]);
    expect((await member.post(`${one(gone.id)}/restore`)).status).toBe(404);
    expect([403, 404]).toContain((await member.post(`${one(gone.id)}/purge`)).status);
    expectOk(await app.admin.post(`${one(gone.id)}/restore`));
  });

  test.each<[string, () => Promise<Answer>]>([
    ['list', () => member.get(at(contacts, { limit: '500' }))],
    ['list sorted by a linked title', () => member.get(at(contacts, { sort: 'company,-reportsTo' }))],
    ['linked fields', () => member.get(at(contacts, { fields: 'fullName,company.name,reportsTo.lastName' }))],
    ['search', () => member.get(at(contacts, { q: SECRET }))],
    ['filter', () => member.get(at(contacts, { filter: `lastName == "${SECRET}"` }))],
    ['filter by id', () => member.get(at(contacts, { filter: `id == "${String(hidden.id)}"` }))],
    ['filter through a link', () => member.get(at(contacts, { filter: `company.name.startsWith("${SECRET}")` }))],
    [
      'filter by a hidden target',
      () => member.get(at(contacts, { filter: `company == "${String(hiddenCompany.id)}"` })),
    ],
    ['query in the body', () => member.post(`${contacts}/query`, { q: SECRET, count: 'exact' })],
    [
      'aggregate',
      () => member.post(`${contacts}/aggregate`, { groupBy: [{ field: 'jobTitle' }], measures: [{ fn: 'count' }] }),
    ],
    [
      'group by a link',
      () => member.post(`${contacts}/aggregate`, { groupBy: [{ field: 'company' }], measures: [{ fn: 'count' }] }),
    ],
    ['export', () => member.get(at(`${contacts}/export`, { format: 'csv' }))],
    ['export as lines', () => member.get(at(`${contacts}/export`, { format: 'ndjson' }))],
    ['companies', () => member.get(companies)],
    ['own record', () => member.get(one(own.id))],
    ['own history', () => member.get(`${one(own.id)}/history`)],
    ['activities', () => member.get('/api/records/contacts.activity')],
    ['catalog', () => member.get('/api/catalog')],
    ['API description', () => member.get('/api/openapi.json')],
  ])('shows nothing of itself in %s', async (_surface, ask) => {
    const answer = expectOk(await ask());
    expect(answer.text).not.toContain(SECRET);
    expect(answer.text).not.toContain(String(hidden.id));
    expect(answer.text).not.toContain(String(hiddenCompany.id));
  });

  test('is not counted', async () => {
    for (const count of ['exact', 'estimate'])
      expect((await member.get(at(contacts, { limit: '1', count }))).body.page.count).toBe(2);
    expect(
      (await member.post(`${contacts}/aggregate`, { groupBy: [], measures: [{ fn: 'count' }] })).body.data,
    ).toEqual([{ count: 2 }]);
  });

  test('as a link it is null: in filters, groups, counts and order too', async () => {
    expect((await member.get(one(own.id))).body.data).toMatchObject({ company: null, reportsTo: null, companies: [] });
    expect((await member.get(at(contacts, { filter: 'company == null' }))).body.data).toHaveLength(2);
    const grouped = await member.post(`${contacts}/aggregate`, {
      groupBy: [{ field: 'company' }],
      measures: [{ fn: 'count' }],
    });
    expect(grouped.body.data).toEqual([{ company: null, count: 2 }]);
    const measured = await member.post(`${contacts}/aggregate`, {
      groupBy: [],
      measures: [{ fn: 'countDistinct', field: 'company' }],
    });
    if (measured.status === 200) expect(measured.body.data).toEqual([{ countDistinct_company: 0 }]);
  });

  test('is not told by what a link was before', async () => {
    const moved = expectOk(await member.post(contacts, { lastName: 'Moved' }), 201).body.data;
    const mine = expectOk(await member.post(companies, { name: 'Mine' }), 201).body.data;
    for (const company of [hiddenCompany.id, mine.id, null])
      expectOk(await app.admin.patch(one(moved.id), { company }));
    const { text } = expectOk(await member.get(`${one(moved.id)}/history`));
    expect(text).not.toContain(String(hiddenCompany.id));
    expect(text).toContain(String(mine.id));
    expect((await app.admin.get(`${one(moved.id)}/history`)).text).toContain(String(hiddenCompany.id));
    for (const gone of [one(moved.id), `${companies}/${String(mine.id)}`])
      expect((await member.delete(gone)).status).toBe(204);
  });

  test('cannot be linked to, with the words for one that does not exist', async () => {
    const words = async (id: unknown): Promise<unknown> => {
      const answer = await member.post(contacts, { lastName: 'x', company: id });
      return [answer.status, String(answer.body.code), answer.body.issues];
    };
    expect(await words(hiddenCompany.id)).toEqual(await words(nobody));
    const many = async (id: unknown): Promise<unknown> =>
      (await member.patch(one(own.id), { companies: { add: [{ id }] } })).body.issues;
    expect(await many(hiddenCompany.id)).toEqual(await many(nobody));
  });

  test('is out of reach of bulk writes, by key and by filter', async () => {
    const byKey = async (id: unknown, mode: string): Promise<unknown> => {
      const { body } = await member.post(`${contacts}/bulk?mode=${mode}&key=id`, [{ id, firstName: 'taken' }]);
      return JSON.stringify(body.data).replaceAll(String(id), 'ID');
    };
    for (const mode of ['update', 'delete']) expect(await byKey(hidden.id, mode)).toEqual(await byKey(nobody, mode));
    const where = await member.post(`${contacts}/bulk?mode=update`, {
      filter: `lastName == "${SECRET}"`,
      patch: { firstName: 'taken' },
    });
    expect(where.body.data).toMatchObject({ matched: 0, changed: 0 });
    const all = await member.post(`${contacts}/bulk?mode=update`, { filter: 'true', patch: { department: 'Mine' } });
    expect(all.body.data).toMatchObject({ matched: 2 });
    expect((await app.admin.get(one(hidden.id))).body.data).toMatchObject({ department: null, firstName: null });
    // An upsert by a key that is taken out of sight clashes, and says neither by whom nor by what.
    const upsert = await member.post(`${contacts}/bulk?mode=upsert&key=externalId`, [
      { externalId: 'hidden-1', lastName: 'Overwritten' },
    ]);
    expect(upsert.body.data).toMatchObject([{ status: 'refused' }]);
    expect(upsert.text).not.toMatch(new RegExp(`${SECRET}|${String(hidden.id)}`));
    expect((await app.admin.get(one(hidden.id))).body.data).toMatchObject({ lastName: SECRET });
  });

  test('cannot be taken over, and one’s own not given away', async () => {
    expect((await member.patch(one(hidden.id), { ownerId: member.id })).status).toBe(404);
    const other = await app.member();
    expect((await member.patch(one(own.id), { ownerId: other.id })).status).toBe(403);
    expect((await member.post(contacts, { lastName: 'Gift', ownerId: other.id })).status).toBe(403);
    expect((await member.patch(one(own.id), { createdAt: '2001-01-01T00:00:00.000Z' })).status).toBe(422);
  });
});

describe('a field that one may not see', () => {
  const field = 'annualIncome';
  /** A name that no field has, and to which none is similar. */
  const ghost = 'qqqqqqqqqqqq';
  const filters = ['> 1', '== 987654', '== null', 'in [1, 987654]', '>= 1 && true', '+ 1 > 0'];
  const surfaces: [string, (key: string) => Promise<Answer>][] = [
    ...filters.map((rest): [string, (key: string) => Promise<Answer>] => [
      `filter ${rest}`,
      (key) => member.get(at(contacts, { filter: `${key} ${rest}` })),
    ]),
    ['filter through a link', (key) => member.get(at(contacts, { filter: `reportsTo.${key} > 1` }))],
    ['filter inside a function', (key) => member.get(at(contacts, { filter: `ISBLANK(${key})` }))],
    ['sort', (key) => member.get(at(contacts, { sort: key }))],
    ['sort descending', (key) => member.get(at(contacts, { sort: `-${key}` }))],
    ['sort through a link', (key) => member.get(at(contacts, { sort: `reportsTo.${key}` }))],
    ['fields', (key) => member.get(at(contacts, { fields: `id,${key}` }))],
    ['fields of one', (key) => member.get(at(one(own.id), { fields: key }))],
    ['fields through a link', (key) => member.get(at(contacts, { fields: `reportsTo.${key}` }))],
    ['query in the body', (key) => member.post(`${contacts}/query`, { filter: `${key} > 1` })],
    [
      'group',
      (key) => member.post(`${contacts}/aggregate`, { groupBy: [{ field: key }], measures: [{ fn: 'count' }] }),
    ],
    ...['sum', 'avg', 'min', 'max', 'count', 'countDistinct'].map((fn): [string, (key: string) => Promise<Answer>] => [
      fn,
      (key) => member.post(`${contacts}/aggregate`, { groupBy: [], measures: [{ fn, field: key }] }),
    ]),
    [
      'aggregate filter',
      (key) => member.post(`${contacts}/aggregate`, { measures: [{ fn: 'count' }], filter: `${key} > 1` }),
    ],
    ['export fields', (key) => member.get(at(`${contacts}/export`, { fields: `lastName,${key}` }))],
    ['export filter', (key) => member.get(at(`${contacts}/export`, { filter: `${key} > 1` }))],
    ['create', (key) => member.post(contacts, { lastName: 'x', [key]: 1 })],
    ['create with a bad value', (key) => member.post(contacts, { lastName: 'x', [key]: 'much' })],
    ['change', (key) => member.patch(one(own.id), { [key]: 1 })],
    ['bulk', (key) => member.post(`${contacts}/bulk?mode=create`, [{ lastName: 'x', [key]: 1 }])],
    ['bulk key', (key) => member.post(`${contacts}/bulk?mode=update&key=${key}`, [{ [key]: 1 }])],
    [
      'bulk by filter',
      (key) => member.post(`${contacts}/bulk?mode=update`, { filter: `${key} > 1`, patch: { department: 'x' } }),
    ],
    ['bulk patch', (key) => member.post(`${contacts}/bulk?mode=update`, { filter: 'false', patch: { [key]: 1 } })],
  ];
  const told = (answer: Answer, key: string): object => ({
    status: answer.status,
    // The caret under an expression stands where the name stands; its length is the name's.
    text: answer.text
      .replaceAll(key, 'KEY')
      .replace(/"requestId":"[^"]*"/, '')
      .replace(/"id":"[^"]*"/g, ''),
  });

  test.each(surfaces)('is like none: %s', async (_surface, ask) => {
    for (const key of [field, `${field}Currency`]) {
      // Of the same length, because positions are told.
      const none = ghost.padEnd(key.length, 'q');
      expect(told(await ask(key), key)).toEqual(told(await ask(none), none));
    }
  });

  test.each<[string, () => Promise<Answer>]>([
    ['the record', () => member.get(one(own.id))],
    ['lists', () => member.get(contacts)],
    ['its history', () => member.get(`${one(own.id)}/history`)],
    ['exports', () => member.get(`${contacts}/export?format=csv`)],
    ['exports as lines', () => member.get(`${contacts}/export?format=ndjson`)],
    ['the catalog', () => member.get('/api/catalog')],
    ['the catalog of the entity', () => member.get('/api/catalog/entities/contacts.contact')],
    ['the description of the API', () => member.get('/api/openapi.json')],
    ['a suggestion', () => member.get(at(contacts, { sort: 'annualIncom' }))],
    ['a suggestion in a filter', () => member.get(at(contacts, { filter: 'annualIncom > 1' }))],
    ['a suggestion on create', () => member.post(contacts, { lastName: 'x', annualIncom: 1 })],
    ['the words for a bad key', () => member.post(`${contacts}/bulk?mode=update&key=nothing`, [{}])],
  ])('is not in %s', async (_surface, ask) => {
    const { text } = await ask();
    expect(text).not.toMatch(/annualIncome|Annual income|987654/);
  });

  test('the administrator sees it in all of these', async () => {
    for (const path of [
      one(own.id),
      contacts,
      `${one(own.id)}/history`,
      `${contacts}/export?format=csv`,
      '/api/catalog',
      '/api/openapi.json',
    ])
      expect((await app.admin.get(path)).text).toContain(field);
  });

  test('no import maps to it', async () => {
    // Who may import, but not see the field, does not exist among the shipped roles: members are refused as a whole.
    const answer = await member.upload('/api/imports', {
      content: `lastName,${field}\nx,1\n`,
      fileName: 'x.csv',
      fields: { entity: 'contacts.contact' },
    });
    expect([answer.status, answer.text.includes('annualIncome')]).toEqual([403, false]);
    const made = await createImport(app.admin, { entity: 'contacts.contact', content: `lastName,${field}\nx,1\n` });
    for (const path of ['', '/refused'])
      expect((await member.get(`/api/imports/${String(made.id)}${path}`)).status).toBe(404);
  });

  test('events name no values', async () => {
    const controller = new AbortController();
    const stream = await fetch(`${app.url}/api/events`, {
      headers: (member as unknown as { headers: Record<string, string> }).headers,
      signal: controller.signal,
    });
    let said = '';
    void (async () => {
      const decoder = new TextDecoder();
      for await (const piece of stream.body as unknown as AsyncIterable<Uint8Array>) said += decoder.decode(piece);
    })().catch(() => undefined);
    await app.admin.patch(one(hidden.id), { annualIncome: 3 });
    await app.admin.patch(one(own.id), { annualIncome: 987654 - 1 });
    await until(
      async () => said,
      (text) => text.includes(String(own.id)),
    );
    controller.abort();
    expect(said).not.toMatch(new RegExp(`98765|annualIncome|${String(hidden.id)}`));
  });
});
