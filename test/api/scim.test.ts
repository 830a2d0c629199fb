import { DATABASE, type Database } from '../../core/storage/index.js';
import type { Answer } from '../support/client.js';
import { settledPerson } from '../support/people.js';
import { entraUser, oktaUser, patchOf, startDirectory, type DirectoryStage } from '../support/scim.js';

let stage: DirectoryStage;
beforeAll(async () => {
  stage = await startDirectory();
});
afterAll(() => stage?.app.stop());

const users = '/scim/v2/Users';
const groups = '/scim/v2/Groups';

async function made(body: unknown): Promise<string> {
  const answer = await stage.scim.post(users, body);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return String(answer.body.id);
}

async function group(name: string, members: string[] = []): Promise<string> {
  const answer = await stage.scim.post(groups, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: name,
    externalId: `g-${name}`,
    members: members.map((value) => ({ value })),
  });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return String(answer.body.id);
}

const found = async (filter: string, path = users): Promise<string[]> => {
  const answer = await stage.scim.get(`${path}?filter=${encodeURIComponent(filter)}`);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body.Resources.map((each) => String(each.id));
};

const membersOf = async (id: string): Promise<string[]> =>
  (await stage.scim.get(`${groups}/${id}`)).body.members.map((each) => String(each.value)).sort();

function expectScimError(answer: Answer, status: number, scimType?: string): void {
  expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
  expect(answer.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
  expect(answer.body).toMatchObject({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    detail: expect.any(String),
    ...(scimType ? { scimType } : {}),
  });
}

describe('who may ask', () => {
  test('a service account’s key with the scope scim, and nobody else; refusals are those of SCIM', async () => {
    const { app, boss, accountId } = stage;
    expectScimError(await app.anonymous.get(users), 401);
    expectScimError(await app.admin.get(users), 403);
    expectScimError(await boss.get(users), 403);
    const reader = await boss.post(`/api/service-accounts/${accountId}/api-keys`, { name: 'r', scopes: ['read'] });
    expectScimError(
      await app.anonymous.with({ authorization: `Bearer ${String(reader.body.data.key)}` }).get(users),
      403,
    );
    expect((await boss.post('/api/api-keys', { name: 'mine', scopes: ['scim'] })).body.code).toBe('api_key.invalid');
    expect((await stage.scim.get(users)).headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('that key opens nothing else', async () => {
    for (const path of ['/api/users', '/api/records/core.user', '/api/sessions', '/api/catalog/plan', '/api/directory'])
      expect((await stage.scim.get(path)).status).toBeGreaterThanOrEqual(403);
    expect((await stage.scim.get('/api/catalog')).body.data.entities.length).toBe(0);
  });

  test('an unknown address, a malformed body and an unknown parameter are refused in its words', async () => {
    expectScimError(await stage.scim.get('/scim/v2/Nothing'), 404);
    expectScimError(await stage.scim.send('POST', users, '{"userName":'), 400, 'invalidSyntax');
    expectScimError(await stage.scim.post(users, []), 400, 'invalidSyntax');
    expectScimError(await stage.scim.get(`${users}?fliter=x`), 400);
    expectScimError(await stage.scim.get(`${users}/nobody`), 404);
  });
});

test('it says what it can do', async () => {
  const config = await stage.scim.get('/scim/v2/ServiceProviderConfig');
  expect(config.body).toMatchObject({
    patch: { supported: true },
    bulk: { supported: false },
    etag: { supported: true },
  });
  expect((await stage.scim.get('/scim/v2/ResourceTypes')).body.Resources.map((each) => String(each.name))).toEqual([
    'User',
    'Group',
  ]);
  const schemas = (await stage.scim.get('/scim/v2/Schemas')).body.Resources.map((each) => String(each.id));
  expect((await stage.scim.get(`/scim/v2/Schemas/${schemas[0]}`)).body.name).toBe('User');
});

describe('as Entra ID works', () => {
  test('asks for nobody, makes a user, finds it by its id there, changes it, suspends it', async () => {
    const probe = await stage.scim.get(`${users}?filter=${encodeURIComponent('userName eq "7f0d0d0c-not-there"')}`);
    expect(probe.body).toMatchObject({ totalResults: 0, Resources: [], startIndex: 1, itemsPerPage: 0 });

    const answer = await stage.scim.post(`${users}?aadOptscim062020`, entraUser('ada'));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(/\/scim\/v2\/Users\/[0-9a-f-]{36}$/);
    expect(answer.body).toMatchObject({
      userName: 'ada@contoso.example',
      externalId: 'entra-ada',
      active: true,
      title: 'Clerk',
      name: { givenName: 'ada', familyName: 'Entra' },
      emails: [{ value: 'ada@contoso.example', type: 'work', primary: true }],
    });
    const id = String(answer.body.id);
    expect(await found('externalId eq "entra-ada"')).toEqual([id]);
    expect(await found('externalId eq "ENTRA-ADA"')).toEqual([]);
    expect(await found('userName eq "ADA@Contoso.Example" and active eq true')).toEqual([id]);

    const patched = await stage.scim.patch(
      `${users}/${id}`,
      patchOf(
        { op: 'Replace', path: 'displayName', value: 'Ada Byron' },
        { op: 'Add', path: 'emails[type eq "work"].value', value: 'ada.byron@contoso.example' },
        { op: 'Replace', path: 'name.familyName', value: 'Byron' },
        { op: 'Add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', value: 'Ops' },
        { op: 'Replace', value: { 'name.givenName': 'Augusta', title: 'Countess' } },
      ),
    );
    expect([patched.status, patched.text]).toEqual([200, expect.any(String)]);
    expect(patched.body).toMatchObject({
      displayName: 'Ada Byron',
      name: { givenName: 'Augusta', familyName: 'Byron' },
      title: 'Countess',
      emails: [{ value: 'ada.byron@contoso.example', primary: true }],
      userName: 'ada@contoso.example',
    });
    const suspended = await stage.scim.patch(
      `${users}/${id}`,
      patchOf({ op: 'Replace', path: 'active', value: 'False' }),
    );
    expect(suspended.body.active).toBe(false);
    const seen = (await stage.app.admin.get('/api/users')).body.data.find((user) => String(user.id) === id);
    expect(seen).toMatchObject({ name: 'Ada Byron', email: 'ada.byron@contoso.example', active: false });
  });

  test('puts members into a group and takes them out, as it does', async () => {
    const [one, two] = [await made(entraUser('eva')), await made(entraUser('eric'))];
    const id = await group('Entra people');
    expect(await found('displayName eq "entra PEOPLE"', groups)).toEqual([id]);
    const listed = await stage.scim.get(
      `${groups}?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "Entra people"')}`,
    );
    expect(listed.body.Resources[0]).not.toHaveProperty('members');
    const add = patchOf({
      op: 'Add',
      path: 'members',
      value: [
        { $ref: null, value: one },
        { $ref: null, value: two },
      ],
    });
    expect((await stage.scim.patch(`${groups}/${id}`, add)).status).toBe(204);
    expect((await stage.scim.patch(`${groups}/${id}`, add)).status).toBe(204);
    expect(await membersOf(id)).toEqual([one, two].sort());
    expect(await found(`id eq "${id}" and members eq "${one}"`, groups)).toEqual([id]);
    await stage.scim.patch(
      `${groups}/${id}`,
      patchOf({ op: 'Remove', path: 'members', value: [{ $ref: null, value: one }] }),
    );
    expect(await membersOf(id)).toEqual([two]);
    expect((await stage.scim.get(`${users}/${two}`)).body.groups[0].value).toBe(id);
  });
});

describe('as Okta works', () => {
  test('makes a user, replaces it whole, suspends and brings it back', async () => {
    const id = await made(oktaUser('olga'));
    const body = { ...oktaUser('olga'), id, displayName: 'Olga Two', active: true };
    expect((await stage.scim.send('PUT', `${users}/${id}`, body)).body).toMatchObject({ displayName: 'Olga Two', id });
    for (const active of [false, true]) {
      const answer = await stage.scim.patch(`${users}/${id}`, patchOf({ op: 'replace', value: { active } }));
      expect(answer.body.active).toBe(active);
    }
    // The password that it sends along counts for nothing.
    const signIn = { email: 'olga@okta.example', password: '1mz050nq' };
    expect((await stage.app.anonymous.post('/api/session', signIn)).status).toBe(401);
  });

  test('pushes a group: all members at once, a new name, one out by a filter', async () => {
    const [one, two, three] = [await made(oktaUser('o1')), await made(oktaUser('o2')), await made(oktaUser('o3'))];
    const id = await group('Okta people', [one]);
    const patches = [
      { op: 'replace', path: 'members', value: [{ value: one }, { value: two }, { value: three, display: 'x' }] },
      { op: 'replace', value: { id, displayName: 'Okta folk' } },
      { op: 'remove', path: `members[value eq "${two}"]` },
    ];
    for (const each of patches) expect((await stage.scim.patch(`${groups}/${id}`, patchOf(each))).status).toBe(204);
    expect(await membersOf(id)).toEqual([one, three].sort());
    expect(await found('displayName sw "Okta f"', groups)).toEqual([id]);
    expect((await stage.scim.delete(`${groups}/${id}`)).status).toBe(204);
    expectScimError(await stage.scim.get(`${groups}/${id}`), 404);
    expect((await stage.scim.get(`${users}/${one}`)).body.groups).toEqual([]);
  });
});

describe('lists', () => {
  test('pages add up, without one twice', async () => {
    for (const name of ['p1', 'p2', 'p3']) await made(oktaUser(name));
    const all = await stage.scim.get(`${users}?count=1000`);
    const total = Number(all.body.totalResults);
    const seen: string[] = [];
    for (let at = 1; at <= total; at += 2) {
      const page = await stage.scim.get(`${users}?startIndex=${at}&count=2`);
      expect(page.body).toMatchObject({ totalResults: total, startIndex: at });
      seen.push(...page.body.Resources.map((each) => String(each.id)));
    }
    expect(new Set(seen).size).toBe(total);
    expect((await stage.scim.get(`${users}?count=0`)).body).toMatchObject({ totalResults: total, Resources: [] });
    expect((await stage.scim.get(`${users}?startIndex=-5&count=1`)).body.startIndex).toBe(1);
    expectScimError(await stage.scim.get(`${users}?count=many`), 400, 'invalidValue');
  });

  test('filters mean what RFC 7644 says', async () => {
    const id = await made(entraUser('filter-me'));
    for (const filter of [
      'userName co "filter-m"',
      'userName sw "FILTER-"',
      'userName ew "r-me@contoso.example"',
      'emails[type eq "work" and value eq "filter-me@contoso.example"]',
      'emails.value eq "filter-me@contoso.example"',
      'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "filter-me@contoso.example"',
      'name.familyName pr and name.givenName eq "filter-me"',
      '(displayName eq "nobody" or externalId eq "entra-filter-me") and not (active eq false)',
      'userName eq "filter-me@contoso.example" and meta.lastModified gt "2020-01-01T00:00:00Z"',
      String.raw`userName eq "\u0066ilter-me@contoso.example"`,
    ])
      expect([filter, await found(filter)]).toEqual([filter, [id]]);
    expect(await found('userName eq "x\' or 1=1 --"')).toEqual([]);
  });

  test.each([
    'userName',
    'userName eq',
    'userName is "x"',
    'userName eq "x',
    'userName eq "x" and',
    '(userName eq "x"',
    'userName eq "\\u0000"',
    'password eq "x"',
    'active co "t"',
    `${'('.repeat(40)}userName eq "x"${')'.repeat(40)}`,
    `${'userName eq "x" or '.repeat(300)}userName eq "x"`,
  ])('%s is no filter', async (filter) => {
    const answer = await stage.scim.get(`${users}?filter=${encodeURIComponent(filter)}`);
    expectScimError(answer, 400, 'invalidFilter');
  });
});

describe('what cannot be', () => {
  test('a name that is taken, a user without an address, a member that is none, a path to nowhere', async () => {
    const id = await made(oktaUser('unique'));
    expectScimError(await stage.scim.post(users, oktaUser('UNIQUE')), 409, 'uniqueness');
    const other = await made(oktaUser('other'));
    const patch = patchOf({ op: 'replace', path: 'userName', value: 'unique@okta.example' });
    expectScimError(await stage.scim.patch(`${users}/${other}`, patch), 409, 'uniqueness');
    expectScimError(await stage.scim.post(users, { userName: 'no-address' }), 400, 'invalidValue');
    const team = await group('Careful');
    expectScimError(await stage.scim.post(groups, { displayName: 'Careful' }), 409, 'uniqueness');
    for (const value of ['x', team, stage.accountId])
      expectScimError(
        await stage.scim.patch(`${groups}/${team}`, patchOf({ op: 'add', path: 'members', value: [{ value }] })),
        400,
        'invalidValue',
      );
    for (const [operation, type] of [
      [{ op: 'replace', path: 'shoeSize', value: 4 }, 'invalidPath'],
      [{ op: 'replace', path: 'name.__proto__', value: {} }, 'invalidPath'],
      [{ op: 'replace', path: 'emails[type gt "z"].value', value: 'x@y.example' }, 'noTarget'],
      [{ op: 'remove' }, 'noTarget'],
      [{ op: 'shout', path: 'active', value: true }, 'invalidSyntax'],
      [{ op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
      [{ op: 'replace', path: 'userName', value: null }, 'invalidValue'],
    ] as const)
      expectScimError(await stage.scim.patch(`${users}/${id}`, patchOf(operation)), 400, type);
    expect((await stage.scim.get(`${users}/${id}`)).body.userName).toBe('unique@okta.example');
  });

  test('a service account is no user of a directory', async () => {
    expectScimError(await stage.scim.get(`${users}/${stage.accountId}`), 404);
    expect(await found('displayName eq "Directory"')).toEqual([]);
  });

  test('a change by a version that is gone; an answer that one has is not sent again', async () => {
    const id = await made(oktaUser('etag'));
    const first = await stage.scim.get(`${users}/${id}`);
    const etag = String(first.headers.get('etag'));
    expect(first.body.meta.version).toBe(etag);
    expect((await stage.scim.get(`${users}/${id}`, { 'if-none-match': etag })).status).toBe(304);
    const patch = patchOf({ op: 'replace', path: 'title', value: 'Boss' });
    expect((await stage.scim.patch(`${users}/${id}`, patch, { 'if-match': etag })).status).toBe(200);
    expectScimError(await stage.scim.patch(`${users}/${id}`, patch, { 'if-match': etag }), 412);
    expectScimError(await stage.scim.delete(`${users}/${id}`, { 'if-match': etag }), 412);
  });
});

describe('what it means here', () => {
  test('a suspended user is out at once; one taken out is suspended, its records keep their owner, and it can come back', async () => {
    const person = await settledPerson(stage.app);
    const company = await person.client.post('/api/records/contacts.company', { name: 'Kept' });
    expect(company.status).toBe(201);
    expect(await found(`userName eq "${person.email}"`)).toEqual([person.id]);
    await stage.scim.patch(`${users}/${person.id}`, patchOf({ op: 'replace', path: 'active', value: false }));
    expect((await person.client.get('/api/session')).status).toBe(401);
    await stage.scim.patch(`${users}/${person.id}`, patchOf({ op: 'replace', path: 'active', value: true }));

    expect((await stage.scim.delete(`${users}/${person.id}`)).status).toBe(204);
    expectScimError(await stage.scim.get(`${users}/${person.id}`), 404);
    expectScimError(await stage.scim.delete(`${users}/${person.id}`), 404);
    expect(await found(`userName eq "${person.email}"`)).toEqual([]);
    const record = await stage.app.admin.get(`/api/records/contacts.company/${String(company.body.data.id)}`);
    expect(record.body.data.ownerId.id).toBe(person.id);

    const back = await stage.scim.post(users, {
      ...oktaUser('back'),
      userName: person.email,
      emails: [{ value: person.email }],
    });
    expect([back.status, back.body.id, back.body.active]).toEqual([201, person.id, true]);
  });

  test('teams give roles to whom the directory put into them, and to nobody else', async () => {
    const [inside, outside] = [await made(oktaUser('inside')), await settledPerson(stage.app)];
    const id = await group('Auditors', [inside]);
    const rolesOf = async (user: string) =>
      (await stage.app.admin.get('/api/users')).body.data.find((each) => String(each.id) === user)?.roles;
    await stage.app.admin.post('/api/records/core.teamMember', { team: id, user: outside.id });
    const map = (roles: { team: string; role: string }[]) => stage.boss.send('PUT', '/api/directory/roles', { roles });
    expect((await map([{ team: id, role: 'core.administrator' }])).status).toBe(200);
    expect(await rolesOf(inside)).toEqual(['core.administrator', 'core.member']);
    expect(await rolesOf(outside.id)).toEqual(['core.member']);
    // Taken out by hand, one loses the role too.
    const { data } = (
      await stage.app.admin.get(
        `/api/records/core.teamMember?filter=${encodeURIComponent(`team == "${id}" && user == "${inside}"`)}`,
      )
    ).body;
    await stage.app.admin.delete(`/api/records/core.teamMember/${String(data[0].id)}`);
    expect(await rolesOf(inside)).toEqual(['core.member']);
    await stage.scim.patch(`${groups}/${id}`, patchOf({ op: 'add', path: 'members', value: [{ value: inside }] }));
    expect(await rolesOf(inside)).toEqual(['core.administrator', 'core.member']);
    await stage.scim.patch(`${groups}/${id}`, patchOf({ op: 'remove', path: 'members' }));
    expect(await rolesOf(inside)).toEqual(['core.member']);
    await stage.scim.patch(`${groups}/${id}`, patchOf({ op: 'add', path: 'members', value: [{ value: inside }] }));
    expect(await rolesOf(inside)).toEqual(['core.administrator', 'core.member']);
    expect((await map([])).status).toBe(200);
    expect(await rolesOf(inside)).toEqual(['core.member']);
    expect((await map([{ team: id, role: 'core.admin' }])).body.code).toBe('role.unknown');
    expect((await stage.app.admin.send('PUT', '/api/directory/roles', { roles: [] })).body.code).toBe(
      'auth.session_required',
    );
  });

  test('the last administrator is neither suspended, nor taken out, nor stripped; nor is the address of one changed', async () => {
    const [admin] = await found('userName eq "admin@example.com"');
    for (const answer of [
      await stage.scim.patch(`${users}/${admin}`, patchOf({ op: 'replace', path: 'active', value: false })),
      await stage.scim.delete(`${users}/${admin}`),
    ]) {
      expectScimError(answer, 409);
      expect(answer.text).toContain('user.last_administrator');
    }
    const moved = patchOf({ op: 'replace', path: 'emails[type eq "work"].value', value: 'evil@example.com' });
    const answer = await stage.scim.patch(`${users}/${admin}`, moved);
    expectScimError(answer, 403);
    expect(answer.text).toContain('scim.administrator');
    const id = await group('Bosses', [admin]);
    await stage.boss.send('PUT', '/api/directory/roles', { roles: [{ team: id, role: 'core.administrator' }] });
    expectScimError(await stage.scim.patch(`${groups}/${id}`, patchOf({ op: 'remove', path: 'members' })), 409);
    expect(await membersOf(id)).toEqual([admin]);
    const emptied = await stage.boss.send('PUT', '/api/directory/roles', { roles: [] });
    expect(emptied.body.code).toBe('user.last_administrator');
    expect((await stage.app.admin.get('/api/users')).status).toBe(200);
    expectScimError(await stage.scim.delete(`${groups}/${id}`), 409);
  });

  test('a thousand members come and go in a few statements; each of them hears of it once, and nobody else', async () => {
    const rows = Array.from({ length: 1000 }, (_, n) => ({ name: `Bulk ${n}`, email: `bulk-${n}@example.com` }));
    expect((await stage.app.admin.post('/api/records/core.user/bulk?mode=create', rows)).status).toBe(200);
    const members = (
      await stage.scim.get(`${users}?count=1000&filter=${encodeURIComponent('userName sw "bulk-"')}`)
    ).body.Resources.map((each) => ({ value: String(each.id) }));
    expect(members.length).toBe(1000);
    const database = stage.app.app.get<Database>(DATABASE);
    const epochs = async () =>
      (
        await database.query<{ total: string }>({
          text: 'select sum(security_epoch)::text as total from trellis.credential',
          values: [],
        })
      )[0].total;
    const id = await group('Thousand');
    const before = Number(await epochs());
    const count = database.statementCount;
    expect(
      (await stage.scim.patch(`${groups}/${id}`, patchOf({ op: 'add', path: 'members', value: members }))).status,
    ).toBe(204);
    expect(database.statementCount - count).toBeLessThan(60);
    expect(Number(await epochs()) - before).toBe(1000);
    expect((await stage.scim.patch(`${groups}/${id}`, patchOf({ op: 'remove', path: 'members' }))).status).toBe(204);
    expect(Number(await epochs()) - before).toBe(2000);
    expect(database.statementCount - count).toBeLessThan(200);
  });

  test('the page of administrators tells address, keys, counts and roles', async () => {
    const answer = await stage.boss.get('/api/directory');
    expect(answer.body.data).toMatchObject({
      url: expect.stringMatching(/\/scim\/v2$/),
      keys: [expect.objectContaining({ userId: stage.accountId, name: 'scim', lastUsedAt: null })],
      lastChangeAt: expect.any(String),
    });
    expect(Number(answer.body.data.managedUsers)).toBeGreaterThan(5);
  });
});
