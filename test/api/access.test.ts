import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client } from '../support/client.js';
import { makePlugin } from '../support/made-plugin.js';
import { applyChange, type StudioOperation } from '../support/studio.js';

let app: TestApp;
type Member = Client & { readonly id: string };
const own = { read: 'own', create: true, update: 'own', delete: 'own' };

beforeAll(async () => {
  const choice = {
    title: 'Stage',
    'x-field': {
      kind: 'choice',
      options: [
        { value: 'open', title: 'O' },
        { value: 'secret', title: 'S' },
      ],
    },
  };
  const text = { title: 'Phone', type: 'string', 'x-field': { kind: 'text' } };
  const dir = await makePlugin('acc', [
    { name: 'case', properties: { stage: choice, pin: text }, more: { ownership: 'principal' } },
  ]);
  const add = async (folder: string, name: string, document: object): Promise<void> => {
    await mkdir(join(dir, folder), { recursive: true });
    await writeFile(join(dir, folder, `${name}.json`), JSON.stringify(document));
  };
  const readsOnly = { read: 'all', create: false, update: 'none', delete: 'none' };
  const people = ['core.user', 'core.principal', 'core.team'].map((entity) => ({ entity, ...readsOnly }));
  await add('roles', 'worker', { title: 'Worker', grants: [{ entity: 'acc.case', ...own, share: true }, ...people] });
  await add('roles', 'blind', { title: 'Blind', grants: [{ entity: 'acc.case', ...own, share: true }] });
  const teams = { entity: 'core.principal', ...readsOnly, read: 'own', readWhen: "type == 'team'" };
  const ofTeams = [{ entity: 'acc.case', ...own, share: true }, { entity: 'core.team', ...readsOnly }, teams];
  await add('roles', 'teams-only', { title: 'Sees teams', grants: ofTeams });
  await add('roles', 'giver', { title: 'Giver', grants: [{ entity: 'acc.case', ...own, assign: true }, ...people] });
  await add('roles', 'auditor', {
    title: 'Auditor',
    grants: [{ entity: 'acc.case', read: 'all', create: false, update: 'none', delete: 'none' }],
    fields: [{ entity: 'acc.case', field: 'pin', access: 'masked' }],
  });
  await add('restriction-rules', 'no-secrets', {
    title: 'Nobody sees secret cases',
    entity: 'acc.case',
    when: 'stage != "secret"',
    roles: ['acc.auditor'],
  });
  await add('sharing-rules', 'of-reds', {
    title: 'Cases of the reds to their friends',
    entity: 'acc.case',
    access: 'read',
    to: { teams: ['Friends'] },
    ownedBy: { teams: ['Reds'] },
  });
  for (const [name, year] of [
    ['ended', 2020],
    ['lasting', 2999],
  ])
    await add('sharing-rules', String(name), {
      title: `Shared with an end: ${name}`,
      entity: 'acc.case',
      access: 'edit',
      to: { everyone: true },
      when: `name == "${name}"`,
      until: `${year}-11-27T17:00:00Z`,
    });
  await add('sharing-rules', 'of-greens', {
    title: 'Cases of the greens to their friends, until they fell out',
    entity: 'acc.case',
    access: 'read',
    to: { teams: ['Friends'] },
    ownedBy: { teams: ['Greens'] },
    until: '2020-01-01T00:00:00Z',
  });
  app = await startApp({ plugins: [dir] });
});
afterAll(() => app.stop());

const worker = (): Promise<Member> => app.member({ roles: ['acc.worker'] });
const made = async (by: Client, values: object = {}): Promise<string> => {
  const answer = await by.post('/api/records/acc.case', { name: 'A case', pin: 'abcdef', stage: 'open', ...values });
  expectOk(answer, 201);
  return String(answer.body.data.id);
};
const at = (id: string): string => `/api/records/acc.case/${id}`;
const statusOf = async (by: Client, id: string): Promise<number> => (await by.get(at(id))).status;

describe('who reports to whom', () => {
  const reports = (user: Member, superior: Member | null): ReturnType<Client['patch']> =>
    app.admin.patch(`/api/records/core.user/${user.id}`, { reportsTo: superior?.id ?? null });

  test('a superior of any depth reaches what is owned below, from the next request on and no longer', async () => {
    const [boss, lead, hand] = [await worker(), await worker(), await worker()];
    const id = await made(hand);
    expectOk(await reports(hand, lead), 200);
    expect([await statusOf(lead, id), await statusOf(boss, id)]).toEqual([200, 404]);
    expectOk(await reports(lead, boss), 200);
    expect([await statusOf(lead, id), await statusOf(boss, id)]).toEqual([200, 200]);
    expect((await boss.patch(at(id), { name: 'Seen' })).status).toBe(200);
    expectOk(await reports(hand, null), 200);
    expect([await statusOf(lead, id), await statusOf(boss, id), await statusOf(hand, id)]).toEqual([404, 404, 200]);
  });

  test('a deleted superior passes nothing on, and does again when it is back', async () => {
    const [boss, lead, hand] = [await worker(), await worker(), await worker()];
    const id = await made(hand);
    await reports(hand, lead);
    await reports(lead, boss);
    expectOk(await app.admin.delete(`/api/records/core.user/${lead.id}`), 204);
    expect(await statusOf(boss, id)).toBe(404);
    expectOk(await app.admin.post(`/api/records/core.user/${lead.id}/restore`, {}), 200);
    expect(await statusOf(boss, id)).toBe(200);
  });

  test('nobody reports to itself, directly or over others', async () => {
    const [one, two, three] = [await worker(), await worker(), await worker()];
    expectOk(await reports(two, one), 200);
    expectOk(await reports(three, two), 200);
    for (const refused of [await reports(one, three), await reports(one, one)]) {
      expect(refused.status).toBe(422);
      expect(refused.body.code).toBe('user.reports_cycle');
    }
    const id = await made(one);
    expect(await statusOf(three, id)).toBe(404);
  });
});

describe('a record that is shared', () => {
  const share = (by: Client, id: string, body: object): ReturnType<Client['post']> => by.post(`${at(id)}/shares`, body);

  test('reaches whom it is shared with, as far as was said, until it is taken back', async () => {
    const [giver, taker] = [await worker(), await worker()];
    const id = await made(giver);
    const shared = await share(giver, id, { principal: taker.id, level: 'read', reason: 'Help me' });
    expectOk(shared, 201);
    expect([await statusOf(taker, id), (await taker.patch(at(id), { name: 'X' })).status]).toEqual([200, 403]);
    expectOk(await share(giver, id, { principal: taker.id, level: 'edit' }), 201);
    expect((await taker.patch(at(id), { name: 'Y' })).status).toBe(200);
    const listed = await giver.get(`${at(id)}/shares`);
    expect(listed.body.data).toMatchObject([{ level: 'edit', principal: { id: taker.id, type: 'user' } }]);
    expectOk(await giver.delete(`${at(id)}/shares/${String(shared.body.data.id)}`), 204);
    expect(await statusOf(taker, id)).toBe(404);
  });

  test('is not passed on further than it reached, nor where it did not', async () => {
    const [giver, taker, third] = [await worker(), await worker(), await worker()];
    const id = await made(giver);
    expect((await share(taker, id, { principal: third.id })).status).toBe(404);
    expectOk(await share(giver, id, { principal: taker.id, level: 'read' }), 201);
    const beyond = await share(taker, id, { principal: third.id, level: 'edit' });
    expect([beyond.status, beyond.body.code]).toEqual([403, 'share.beyond_reach']);
    expectOk(await share(taker, id, { principal: third.id, level: 'read' }), 201);
    expect(await statusOf(third, id)).toBe(200);
    // By whom and with whom it is shared is told as far as one sees people.
    const blind = await app.member({ roles: ['acc.blind'] });
    expectOk(await share(giver, id, { principal: blind.id, level: 'read' }), 201);
    const { data } = expectOk(await blind.get(`${at(id)}/shares`)).body;
    expect(data.map(({ principal, createdBy }) => [principal, createdBy])).toEqual(Array(3).fill([null, null]));
    const narrow = await app.member({ roles: ['acc.teams-only'] });
    const team = String((await app.admin.post('/api/records/core.team', { name: 'Helpers' })).body.data.id);
    for (const principal of [narrow.id, team]) expectOk(await share(giver, id, { principal, level: 'read' }), 201);
    const again = expectOk(await share(narrow, id, { principal: team, level: 'read' }), 201).body.data;
    expect([again.principal, again.createdBy]).toMatchObject([{ id: team, type: 'team' }, null]);
    // Who may not share at all, may not for a record of its own either.
    const other = await app.member({ roles: ['acc.giver'] });
    expect((await share(other, await made(other), { principal: third.id })).status).toBe(403);
  });

  test('lasts for nobody longer than for whom it was shared with: itself, others, edit for read', async () => {
    const [giver, taker, third] = [await worker(), await worker(), await worker()];
    const id = await made(giver);
    const until = '2098-01-01T00:00:00.000Z';
    expectOk(await share(giver, id, { principal: taker.id, level: 'edit', until }), 201);
    for (const body of [
      { principal: taker.id, level: 'edit' },
      { principal: taker.id, level: 'read', until: '2099-01-01T00:00:00Z' },
      { principal: third.id, level: 'read' },
    ]) {
      const refused = await share(taker, id, body);
      expect([body, refused.status, refused.body.code]).toEqual([body, 403, 'share.beyond_end']);
    }
    const passed = { principal: third.id, level: 'read', until };
    expectOk(await share(taker, id, passed), 201);
    // Whom two shares reach has it as long as the longer one; who may only read takes no edit away.
    expectOk(await share(giver, id, { principal: third.id, level: 'read' }), 201);
    const taken = await share(third, id, { principal: taker.id, level: 'read', until });
    expect([taken.status, taken.body.code]).toEqual([403, 'share.beyond_reach']);
    const listed = (await giver.get(`${at(id)}/shares`)).body.data;
    expect(listed.map(({ level, until: end }) => [level, end])).toEqual([
      ['read', null],
      ['edit', until],
    ]);
  });

  test('reaches nobody any more once it is over', async () => {
    const [giver, taker] = [await worker(), await worker()];
    const id = await made(giver);
    const past = await share(giver, id, { principal: taker.id, until: '2020-01-01T00:00:00Z' });
    expect([past.status, past.body.code]).toEqual([422, 'share.past']);
    const shared = await share(giver, id, { principal: taker.id, until: '2099-01-01T00:00:00Z' });
    expect(await statusOf(taker, id)).toBe(200);
    const until = '2020-01-01T00:00:00Z';
    expectOk(await app.admin.patch(`/api/records/core.share/${String(shared.body.data.id)}`, { until }), 200);
    expect(await statusOf(taker, id)).toBe(404);
  });

  test('shares themselves are not for everybody to see or make', async () => {
    const taker = await app.member({ roles: ['core.member', 'acc.worker'] });
    const id = await made(await worker());
    expect((await taker.get('/api/records/core.share')).status).toBe(404);
    const record = { entity: 'acc.case', id };
    expect((await taker.post('/api/records/core.share', { record, principal: taker.id, level: 'edit' })).status).toBe(
      404,
    );
  });
});

test('a sharing rule with an end shares until then, and says so', async () => {
  const [owner, other] = [await worker(), await worker()];
  const [ended, lasting] = [await made(owner, { name: 'ended' }), await made(owner, { name: 'lasting' })];
  expect([await statusOf(other, ended), await statusOf(other, lasting)]).toEqual([404, 200]);
  expect((await other.patch(at(lasting), { pin: '1' })).status).toBe(200);
  const told = expectOk(await app.admin.get(`${at(lasting)}/access?user=${other.id}`), 200).body.data;
  expect(told.read).toMatchObject({
    allowed: true,
    by: [{ kind: 'rule', id: 'acc.lasting', until: '2999-11-27T17:00:00.000Z' }],
  });
  // Nobody has it longer by whom it reaches for a time only.
  const share = { principal: (await worker()).id, level: 'read' };
  const longer = await other.post(`${at(lasting)}/shares`, share);
  expect([longer.status, longer.body.code]).toEqual([403, 'share.beyond_end']);
  expectOk(await other.post(`${at(lasting)}/shares`, { ...share, until: '2998-01-01T00:00:00Z' }), 201);
});

test('a sharing rule by owner follows the teams', async () => {
  const [red, green, friend] = [await worker(), await worker(), await worker()];
  const [id, old] = [await made(red), await made(green)];
  const team = async (name: string): Promise<string> =>
    String((await app.admin.post('/api/records/core.team', { name })).body.data.id);
  const [reds, greens, friends] = [await team('Reds'), await team('Greens'), await team('Buddies')];
  for (const [of, user] of [
    [reds, red],
    [greens, green],
    [friends, friend],
  ] as const)
    expectOk(await app.admin.post('/api/records/core.teamMember', { team: of, user: user.id }), 201);
  expect(await statusOf(friend, id)).toBe(404);
  expectOk(await app.admin.patch(`/api/records/core.team/${friends}`, { name: 'Friends' }), 200);
  expect([await statusOf(friend, id), (await friend.patch(at(id), { name: 'X' })).status]).toEqual([200, 403]);
  expect(await statusOf(friend, old)).toBe(404);
});

test.each([250, 3])('a superior of %d sees what they own page by page, each record once', async (count) => {
  const [boss, other] = [await worker(), await worker()];
  const owners = `select md5('hand' || i)::uuid as id from generate_series(1, ${count}) i`;
  await app.db.query(`insert into trellis.report (superior_id, user_id) select '${boss.id}', id from (${owners}) o`);
  await app.db.query(`update trellis.credential set security_epoch = security_epoch + 1 where user_id = '${boss.id}'`);
  // Six of three hands, of which the newest first; one of its own; one that is shared, and one that is shared besides.
  await app.db.query('delete from data.acc__case');
  await app.db.query(`insert into data.acc__case (id, created_at, updated_at, version, name, stage, owner_id)
    select gen_random_uuid(), now() - i * interval '1 hour', now(), 1, 'Case ' || i, 'open', md5('hand' || (1 + i % 3))::uuid from generate_series(1, 6) i`);
  const [mine, shared] = [await made(boss, { name: 'Mine' }), await made(other, { name: 'Shared' })];
  await made(other, { name: 'Hidden' });
  const [{ id: both }] = await app.db.query<{ id: string }>(`select id from data.acc__case where name = 'Case 2'`);
  for (const id of [shared, both])
    expectOk(await app.admin.post(`${at(id)}/shares`, { principal: boss.id, level: 'read' }), 201);
  const names: string[] = [];
  for (let after = ''; ;) {
    const { body } = expectOk(await boss.get(`/api/records/acc.case?limit=2&count=exact${after}`), 200);
    const { data, page } = body as unknown as {
      data: { name: string }[];
      page: { count: number; next: string | null };
    };
    expect(page.count).toBe(8);
    names.push(...data.map(({ name }) => name));
    if (page.next === null) break;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
  expect(names).toEqual(['Shared', 'Mine', 'Case 1', 'Case 2', 'Case 3', 'Case 4', 'Case 5', 'Case 6']);
  const filter = encodeURIComponent('name != "Case 1" && stage == "open"');
  const found = await boss.get(`/api/records/acc.case?sort=name&count=exact&filter=${filter}`);
  expect((found.body.data as unknown as { name: string }[]).map(({ name }) => name).join()).toBe(
    'Case 2,Case 3,Case 4,Case 5,Case 6,Mine,Shared',
  );
  expect((found.body as unknown as { page: { count: number } }).page.count).toBe(7);
  expect(await statusOf(boss, mine)).toBe(200);
});

test('the criterion of a sharing rule has an index while the rule counts', async () => {
  const rule = (at: string, value: unknown): StudioOperation => ({
    type: 'sharing-rule',
    id: 'x.pinned',
    op: 'set',
    at,
    value,
  });
  const standing = async (): Promise<number> =>
    (await app.db.query(`select 1 from pg_indexes where tablename = 'acc__case' and indexname like '%$criterion$%'`))
      .length;
  const [maker, reader, before] = [await worker(), await worker(), await standing()];
  const id = await made(maker, { pin: "o'pen" });
  const document = {
    title: 'Pinned',
    entity: 'acc.case',
    access: 'read',
    to: { roles: ['acc.worker'] },
    when: `pin == "o'pen" && stage == "open"`,
  };
  expectOk(await applyChange(app.admin, [rule('', document)]), 200);
  expect([await standing(), await statusOf(reader, id), await statusOf(reader, await made(maker))]).toEqual([
    before + 1,
    200,
    404,
  ]);
  expectOk(await applyChange(app.admin, [rule('/off', true)]), 200);
  expect([await standing(), await statusOf(reader, id)]).toEqual([before, 404]);
});

test('who may assign gives a record away, and does nothing else with it meanwhile', async () => {
  const [keeper, giver, other] = [await worker(), await app.member({ roles: ['acc.giver'] }), await worker()];
  const kept = await made(keeper);
  const refused = await keeper.patch(at(kept), { ownerId: other.id });
  expect([refused.status, refused.body.code]).toEqual([403, 'access.out_of_scope']);
  expect(await statusOf(keeper, kept)).toBe(200);
  const given = await made(giver);
  expect((await giver.patch(at(given), { ownerId: other.id, name: 'More' })).status).toBe(403);
  expect((await giver.patch(at(given), { ownerId: other.id })).status).toBe(200);
  expect([await statusOf(giver, given), await statusOf(other, given)]).toEqual([404, 200]);
  const bulk = await keeper.post('/api/records/acc.case/bulk?mode=update&key=id', [
    { id: kept, ownerId: other.id },
    { id: await made(keeper), name: 'Fine' },
  ]);
  expect(bulk.body.summary).toMatchObject({ updated: 1, refused: 1 });
  expect(bulk.text).toContain('access.out_of_scope');
});

describe('a field that is masked, and a rule that restricts', () => {
  test('shows a character, tells nothing by questions, and not by its past', async () => {
    const [owner, auditor] = [await worker(), await app.member({ roles: ['acc.auditor'] })];
    const id = await made(owner);
    expectOk(await owner.patch(at(id), { pin: 'zyxwvu' }), 200);
    const read = await auditor.get(at(id));
    expect(read.body.data.pin).toBe('z•••');
    for (const question of ['filter=pin == "zyxwvu"', 'sort=pin', 'filter=pin.contains("yx")']) {
      const asked = await auditor.get(
        `/api/records/acc.case?${question.replace(/=(.*)/s, (_, text: string) => `=${encodeURIComponent(text)}`)}`,
      );
      expect([question, asked.status, asked.body.code]).toEqual([question, 422, 'query.masked_field']);
    }
    const grouped = await auditor.post('/api/records/acc.case/aggregate', {
      groupBy: [{ field: 'pin' }],
      measures: [{ fn: 'count' }],
    });
    expect(grouped.body.code).toBe('query.masked_field');
    const past = [
      await auditor.get(`${at(id)}/history`),
      await auditor.get(`${at(id)}?asOf=${encodeURIComponent(new Date().toISOString())}`),
    ];
    for (const { text } of past) expect(text).not.toMatch(/abcdef|zyxwvu/);
    const catalog = await auditor.get('/api/catalog');
    const entity = catalog.body as unknown as {
      data?: { entities: { id: string; fields: object[] }[] };
      entities?: { id: string; fields: object[] }[];
    };
    const fields = (entity.data ?? entity).entities?.find((each) => each.id === 'acc.case')?.fields as {
      key: string;
    }[];
    expect(fields.find(({ key }) => key === 'pin')).toMatchObject({
      masked: true,
      readOnly: true,
      operators: [],
      sortable: false,
    });
  });

  test('hides what its condition does not hold for, and says so to whom asks why', async () => {
    const [owner, auditor] = [await worker(), await app.member({ roles: ['acc.auditor'] })];
    const id = await made(owner, { stage: 'secret' });
    expect([await statusOf(owner, id), await statusOf(auditor, id)]).toEqual([200, 404]);
    const why = await app.admin.get(`${at(id)}/access?user=${auditor.id}`);
    expect(why.body.data.read).toMatchObject({
      allowed: false,
      missing: 'restriction',
      by: [{ kind: 'role', id: 'acc.auditor', title: 'Auditor' }],
      restrictedBy: [{ id: 'acc.no-secrets' }],
    });
    const own = await owner.get(`${at(id)}/access`);
    expect(own.body.data).toMatchObject({
      read: { allowed: true, by: [{ kind: 'ownership' }], missing: null },
      share: { allowed: true },
      assign: { allowed: false, missing: 'permission' },
      fields: { pin: 'edit' },
    });
    expect((await owner.get(`${at(id)}/access?user=${auditor.id}`)).status).toBe(403);
  });
});
