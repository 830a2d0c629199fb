import { DATABASE, type Database } from '../../core/storage/index.js';
import { settledPerson } from '../support/people.js';
import {
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

describe('what it means here', () => {
  test('a suspended user is out at once; one taken out is suspended, its records keep their owner, and it can come back', async () => {
    const person = await settledPerson(stage.app);
    const company = await person.client.post('/api/records/contacts.company', { name: 'Kept' });
    expect(company.status).toBe(201);
    expect(await foundBy(stage, `userName eq "${person.email}"`)).toEqual([person.id]);
    await stage.scim.patch(`${users}/${person.id}`, patchOf({ op: 'replace', path: 'active', value: false }));
    expect((await person.client.get('/api/session')).status).toBe(401);
    await stage.scim.patch(`${users}/${person.id}`, patchOf({ op: 'replace', path: 'active', value: true }));

    expect((await stage.scim.delete(`${users}/${person.id}`)).status).toBe(204);
    expectScimError(await stage.scim.get(`${users}/${person.id}`), 404);
    expectScimError(await stage.scim.delete(`${users}/${person.id}`), 404);
    expect(await foundBy(stage, `userName eq "${person.email}"`)).toEqual([]);
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
    const [inside, outside] = [await madeUser(stage, oktaUser('inside')), await settledPerson(stage.app)];
    const id = await madeGroup(stage, 'Auditors', [inside]);
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
    const [admin] = await foundBy(stage, 'userName eq "admin@example.com"');
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
    // Nor by taking one out and bringing it back.
    const second = await settledPerson(stage.app, ['core.administrator']);
    expect((await stage.scim.delete(`${users}/${second.id}`)).status).toBe(204);
    const stolen = { ...oktaUser('thief'), userName: second.email };
    expectScimError(await stage.scim.post(users, stolen), 403);
    const id = await madeGroup(stage, 'Bosses', [admin]);
    await stage.boss.send('PUT', '/api/directory/roles', { roles: [{ team: id, role: 'core.administrator' }] });
    expectScimError(await stage.scim.patch(`${groups}/${id}`, patchOf({ op: 'remove', path: 'members' })), 409);
    expect(await membersOf(stage, id)).toEqual([admin]);
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
    const id = await madeGroup(stage, 'Thousand');
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
      keys: [expect.objectContaining({ userId: stage.accountId, name: 'scim' })],
      lastChangeAt: expect.any(String),
    });
    expect(Number(answer.body.data.managedUsers)).toBeGreaterThan(5);
  });
});
