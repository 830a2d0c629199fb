import {
  entraUser,
  expectScimError,
  foundBy,
  groups,
  madeGroup,
  madeUser,
  membersOf,
  oktaUser,
  patchOf,
  startDirectory,
  users,
  type DirectoryStage,
} from '../support/scim.js';

let stage: DirectoryStage;
beforeAll(async () => {
  stage = await startDirectory();
});
afterAll(() => stage?.app.stop());

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
    expect(await foundBy(stage, 'externalId eq "entra-ada"')).toEqual([id]);
    expect(await foundBy(stage, 'externalId eq "ENTRA-ADA"')).toEqual([]);
    expect(await foundBy(stage, 'userName eq "ADA@Contoso.Example" and active eq true')).toEqual([id]);

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
    const [one, two] = [await madeUser(stage, entraUser('eva')), await madeUser(stage, entraUser('eric'))];
    const id = await madeGroup(stage, 'Entra people');
    expect(await foundBy(stage, 'displayName eq "entra PEOPLE"', groups)).toEqual([id]);
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
    expect(await membersOf(stage, id)).toEqual([one, two].sort());
    expect(await foundBy(stage, `id eq "${id}" and members eq "${one}"`, groups)).toEqual([id]);
    await stage.scim.patch(
      `${groups}/${id}`,
      patchOf({ op: 'Remove', path: 'members', value: [{ $ref: null, value: one }] }),
    );
    expect(await membersOf(stage, id)).toEqual([two]);
    expect((await stage.scim.get(`${users}/${two}`)).body.groups[0].value).toBe(id);
  });
});

describe('as Okta works', () => {
  test('makes a user, replaces it whole, suspends and brings it back', async () => {
    const id = await madeUser(stage, oktaUser('olga'));
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
    const [one, two, three] = [
      await madeUser(stage, oktaUser('o1')),
      await madeUser(stage, oktaUser('o2')),
      await madeUser(stage, oktaUser('o3')),
    ];
    const id = await madeGroup(stage, 'Okta people', [one]);
    const patches = [
      { op: 'replace', path: 'members', value: [{ value: one }, { value: two }, { value: three, display: 'x' }] },
      { op: 'replace', value: { id, displayName: 'Okta folk' } },
      { op: 'remove', path: `members[value eq "${two}"]` },
    ];
    for (const each of patches) expect((await stage.scim.patch(`${groups}/${id}`, patchOf(each))).status).toBe(204);
    expect(await membersOf(stage, id)).toEqual([one, three].sort());
    expect(await foundBy(stage, 'displayName sw "Okta f"', groups)).toEqual([id]);
    expect((await stage.scim.delete(`${groups}/${id}`)).status).toBe(204);
    expectScimError(await stage.scim.get(`${groups}/${id}`), 404);
    expect((await stage.scim.get(`${users}/${one}`)).body.groups).toEqual([]);
  });
});

describe('lists', () => {
  test('pages add up, without one twice', async () => {
    for (const name of ['p1', 'p2', 'p3']) await madeUser(stage, oktaUser(name));
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
    const id = await madeUser(stage, entraUser('filter-me'));
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
      expect([filter, await foundBy(stage, filter)]).toEqual([filter, [id]]);
    expect(await foundBy(stage, 'userName eq "x\' or 1=1 --"')).toEqual([]);
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
    'constructor pr',
    'constructor eq true',
    'name.constructor eq "x"',
    'emails[constructor eq "x"]',
    'active co "t"',
    `${'('.repeat(40)}userName eq "x"${')'.repeat(40)}`,
    `${'userName eq "x" or '.repeat(300)}userName eq "x"`,
  ])('%s is no filter', async (filter) => {
    const answer = await stage.scim.get(`${users}?filter=${encodeURIComponent(filter)}`);
    expectScimError(answer, 400, 'invalidFilter');
    if (!filter.includes('constructor')) return;
    expectScimError(await stage.scim.get(`${groups}?filter=${encodeURIComponent(filter)}`), 400, 'invalidFilter');
  });
});

describe('what cannot be', () => {
  test('a name that is taken, a user without an address, a member that is none, a path to nowhere', async () => {
    const id = await madeUser(stage, oktaUser('unique'));
    expectScimError(await stage.scim.post(users, oktaUser('UNIQUE')), 409, 'uniqueness');
    const other = await madeUser(stage, oktaUser('other'));
    const patch = patchOf({ op: 'replace', path: 'userName', value: 'unique@okta.example' });
    expectScimError(await stage.scim.patch(`${users}/${other}`, patch), 409, 'uniqueness');
    expectScimError(await stage.scim.post(users, { userName: 'no-address' }), 400, 'invalidValue');
    const team = await madeGroup(stage, 'Careful');
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
      [{ op: 'replace', path: 'name.constructor', value: {} }, 'invalidPath'],
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
    expect(await foundBy(stage, 'displayName eq "Directory"')).toEqual([]);
  });

  test('a change by a version that is gone; an answer that one has is not sent again', async () => {
    const id = await madeUser(stage, oktaUser('etag'));
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
