import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Loose } from '../support/client.js';

const path = '/api/records/contacts.company';
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

async function create(values: object): Promise<Loose> {
  return expectOk(await app.admin.post(path, values), 201).body.data;
}
const filtered = (filter: string, rest = ''): string => `${path}?filter=${encodeURIComponent(filter)}${rest}`;

describe('one record', () => {
  it('is created, read, changed, deleted, restored and purged', async () => {
    const made = await app.admin.post(path, {
      name: 'Acme',
      employees: 5,
      tags: ['a', 'b'],
      billingAddress: { city: 'Berlin', country: 'DE' },
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    const one = `${path}/${String(made.body.data.id)}`;
    expect((await app.admin.get(one)).body.data).toEqual(made.body.data);

    const changed = await app.admin.patch(one, { employees: 6 }, { 'if-match': '"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.body.data).toMatchObject({ employees: 6, name: 'Acme', version: 2 });
    expect((await app.admin.patch(one, { employees: 7 }, { 'if-match': '"1"' })).status).toBe(412);

    expect((await app.admin.delete(one)).status).toBe(204);
    expect((await app.admin.get(one)).status).toBe(404);
    expect((await app.admin.get(`${path}?deleted=only`)).body.data).toMatchObject([{ id: made.body.data.id }]);
    expect((await app.admin.post(`${one}/restore`)).body.data).toMatchObject({ name: 'Acme', employees: 6 });

    await app.admin.delete(one);
    expect((await app.admin.post(`${one}/purge`)).status).toBe(204);
    expect((await app.admin.post(`${one}/restore`)).status).toBe(404);
  });

  it('keeps the history of its fields, newest first', async () => {
    const made = await create({ name: 'History', employees: 1 });
    await app.admin.patch(`${path}/${String(made.id)}`, { employees: 2 });
    await app.admin.patch(`${path}/${String(made.id)}`, { name: 'Changed' });
    const astray = await app.admin.get(`${path}/${String(made.id)}/history?after=zz`);
    expect([astray.status, astray.body.code]).toEqual([422, 'query.bad_cursor']);
    const history = await app.admin.get(`${path}/${String(made.id)}/history`);
    expect(history.body.data.slice(0, 2)).toMatchObject([
      { version: 3, changes: [{ field: 'name', before: 'History', after: 'Changed' }] },
      { version: 2, changes: [{ field: 'employees', before: 1, after: 2 }] },
    ]);
  });

  it('writes nothing on a dry run', async () => {
    const dry = await app.admin.post(`${path}?dryRun=true`, { name: 'Dry' });
    expect([dry.status, String(dry.body.data.name)]).toEqual([200, 'Dry']);
    expect((await app.admin.get(filtered('name == "Dry"'))).body.data).toEqual([]);
  });

  it.each([
    [{}, 'field.required', 'name'],
    [{ name: 'x', employes: 1 }, 'field.unknown', 'employes'],
    [{ name: 'x', employees: 'many' }, 'field.type', 'employees'],
    [{ name: 'x', employees: -1 }, 'field.minimum', 'employees'],
    [{ name: 'x', industry: 'juggling' }, 'field.choice', 'industry'],
    [{ name: 'x', createdAt: '2020-01-01T00:00:00Z' }, 'field.read_only', 'createdAt'],
  ])('refuses %j with %s', async (values, _code, field) => {
    const answer = await app.admin.post(path, values);
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toMatch(/application\/problem\+json/);
    expect(answer.body.issues.map((issue) => issue.path)).toEqual([field]);
    expect(answer.text).not.toMatch(/\bat .*\.ts/);
  });

  it('does not exist for whom it is not', async () => {
    const made = await create({ name: 'Hidden' });
    const member = await app.member();
    const hidden = await member.get(`${path}/${String(made.id)}`);
    const none = await member.get(`${path}/0190a5c2-7b3e-7c4d-8e5f-001122334455`);
    expect([hidden.status, String(hidden.body.detail)]).toEqual([404, String(none.body.detail)]);
    expect((await member.get(path)).body.data).toEqual([]);
  });
});

describe('lists', () => {
  beforeAll(async () => {
    const rows = Array.from({ length: 60 }, (_, n) => ({
      externalId: `l-${n}`,
      name: `List ${String(n).padStart(2, '0')}`,
      employees: n % 4 === 0 ? null : n,
      description: n === 7 ? '上海浦东新区' : null,
      tags: [n % 2 ? 'odd' : 'even'],
    }));
    expectOk(await app.admin.post(`${path}/bulk?mode=create`, rows));
  });
  const mine = 'externalId.startsWith("l-")';

  it('filters, and names what it does not know', async () => {
    expect(
      (await app.admin.get(filtered(`${mine} && employees > 55`))).body.data.map((row) => row.employees),
    ).toHaveLength(3);
    const unknown = await app.admin.get(filtered('employes > 5'));
    expect([unknown.status, unknown.text]).toEqual([422, expect.stringContaining('employees')]);
    const badType = await app.admin.get(filtered('employees > "many"'));
    expect(badType.status).toBe(422);
  });

  it('pages without end in any order, nulls included, nothing twice and nothing lost', async () => {
    for (const sort of ['name', '-name', 'employees,-name', '-employees,name', 'createdAt']) {
      const seen: string[] = [];
      let next = '';
      do {
        const page = expectOk(
          await app.admin.get(filtered(mine, `&sort=${sort}&limit=7${next && `&after=${encodeURIComponent(next)}`}`)),
        ).body;
        seen.push(...page.data.map((row) => String(row.name)));
        next = page.page.next ? String(page.page.next) : '';
      } while (next);
      expect([sort, new Set(seen).size, seen.length]).toEqual([sort, 60, 60]);
      if (sort === 'name') expect(seen).toEqual([...seen].sort());
      if (sort === '-name') expect(seen).toEqual([...seen].sort().reverse());
    }
  });

  it('refuses a cursor of another query, or one made up', async () => {
    const page = (await app.admin.get(filtered(mine, '&sort=name&limit=7'))).body;
    expect(
      (await app.admin.get(filtered(mine, `&sort=-name&limit=7&after=${encodeURIComponent(String(page.page.next))}`)))
        .status,
    ).toBe(422);
    expect((await app.admin.get(filtered(mine, '&after=abc'))).status).toBe(422);
  });

  it('counts when asked', async () => {
    expect((await app.admin.get(filtered(mine, '&limit=1&count=exact'))).body.page.count).toBe(60);
    expect((await app.admin.get(filtered(mine, '&limit=1'))).body.page).not.toHaveProperty('count');
  });

  it('gives the fields asked for, over links too', async () => {
    const parent = await create({ name: 'Parent', employees: 9 });
    await create({ name: 'Child', parent: String(parent.id) });
    const found = await app.admin.get(filtered('name == "Child"', '&fields=name,parent.employees'));
    expect(found.body.data).toMatchObject([
      { name: 'Child', parent: { id: parent.id, title: 'Parent', employees: 9 } },
    ]);
  });

  it('searches half a word, and one Chinese character', async () => {
    expect((await app.admin.get(`${path}?q=list%2041`)).body.data.map((row) => row.name)).toEqual(['List 41']);
    await create({ name: '上海浦东科技' });
    for (const q of ['上', '浦东', '东科技'])
      expect((await app.admin.get(`${path}?q=${encodeURIComponent(q)}`)).body.data.map((row) => row.name)).toContain(
        '上海浦东科技',
      );
  });

  it('answers the same to a query in the body', async () => {
    const body = (await app.admin.post(`${path}/query`, { filter: mine, sort: ['name'], limit: 3 })).body;
    expect(body.data).toEqual((await app.admin.get(filtered(mine, '&sort=name&limit=3'))).body.data);
  });

  it('refuses unknown parameters by name', async () => {
    const answer = await app.admin.get(`${path}?fliter=true`);
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('filter')]);
  });

  it('aggregates', async () => {
    const answer = await app.admin.post(`${path}/aggregate`, {
      groupBy: [{ field: 'name' }],
      measures: [{ fn: 'sum', field: 'employees' }, { fn: 'count' }],
      filter: 'externalId in ["l-1","l-2"]',
      sort: ['name'],
    });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toHaveLength(2);
  });
});

describe('bulk', () => {
  it('writes good rows and reports the others by number', async () => {
    const answer = await app.admin.post(`${path}/bulk?mode=create`, [
      { name: 'Bulk 1' },
      { employees: 1 },
      { name: 'Bulk 3' },
    ]);
    expect(answer.body.data).toMatchObject([
      { row: 0, status: 'created' },
      { row: 1, status: 'refused', issues: [{ path: 'name' }] },
      { row: 2, status: 'created' },
    ]);
  });

  it('refuses all for one when atomic', async () => {
    const answer = await app.admin.post(`${path}/bulk?mode=create&atomic=true`, [
      { name: 'Atomic 1' },
      { employees: 1 },
    ]);
    expect(answer.status).toBe(422);
    expect((await app.admin.get(filtered('name == "Atomic 1"'))).body.data).toEqual([]);
  });

  it('upserts by external id, and deletes', async () => {
    const rows = [
      { externalId: 'b-1', name: 'One' },
      { externalId: 'b-2', name: 'Two' },
    ];
    expect(
      (await app.admin.post(`${path}/bulk?mode=upsert&key=externalId`, rows)).body.data.map((row) => row.status),
    ).toEqual(['created', 'created']);
    rows[1].name = 'Zwei';
    expect(
      (await app.admin.post(`${path}/bulk?mode=upsert&key=externalId`, rows)).body.data.map((row) => row.status),
    ).toEqual(['unchanged', 'updated']);
    expect(
      (await app.admin.post(`${path}/bulk?mode=delete&key=externalId`, [{ externalId: 'b-1' }])).body.data,
    ).toMatchObject([{ status: 'deleted' }]);
    expect((await app.admin.get(filtered('externalId in ["b-1","b-2"]'))).body.data).toMatchObject([{ name: 'Zwei' }]);
  });

  it('refuses the second of two rows with one unique value', async () => {
    const answer = await app.admin.post(`${path}/bulk?mode=create`, [
      { externalId: 'same', name: 'A' },
      { externalId: 'same', name: 'B' },
    ]);
    expect(answer.body.data.map((row) => row.status)).toEqual(['created', 'refused']);
  });
});
