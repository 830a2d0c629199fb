import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTEXTS } from '../../core/base/tokens.js';
import { IDENTITY, type Identity } from '../../core/identity/index.js';
import { RECORDS, type Records } from '../../core/records/index.js';
import type { ContextFactory } from '../../core/sdk/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Client, type Loose } from '../support/client.js';
import { makePlugin } from '../support/made-plugin.js';

// What is decided record by record: who sees a secret, and what becomes of shares.
const vaults = '/api/records/one.vault';
type Member = Client & { readonly id: string };
const own = { read: 'own', create: true, update: 'own', delete: 'own' };
let app: TestApp;
let ann: Member;
let bob: Member;

beforeAll(async () => {
  const code = { title: 'Code', type: 'string', 'x-field': { kind: 'secret' } };
  const dir = await makePlugin('one', [{ name: 'vault', properties: { code }, more: { ownership: 'principal' } }]);
  await mkdir(join(dir, 'roles'), { recursive: true });
  const people = ['core.user', 'core.principal', 'core.team'].map((entity) => ({
    entity,
    read: 'all',
    create: false,
    update: 'none',
    delete: 'none',
  }));
  const role = (name: string, grant: object, fields: object[] = []): Promise<void> =>
    writeFile(
      join(dir, 'roles', `${name}.json`),
      JSON.stringify({ title: name, grants: [{ entity: 'one.vault', ...grant }, ...people], fields }),
    );
  const nothing = { create: false, update: 'none', delete: 'none' };
  await role('keeper', { ...own, share: true });
  // Changes every vault, and sees the code of none.
  await role('mover', { ...nothing, read: 'all', update: 'all' }, [
    { entity: 'one.vault', field: 'code', access: 'none' },
  ]);
  await role('reader', { ...nothing, read: 'all' });
  app = await startApp({ plugins: [dir] });
  ann = await app.member({ roles: ['one.keeper', 'one.mover'], name: 'Ann' });
  bob = await app.member({ roles: ['one.keeper', 'one.reader'], name: 'Bob' });
});
afterAll(() => app.stop());

const make = async (client: Client, name: string): Promise<string> =>
  String(expectOk(await client.post(vaults, { name, code: `code of ${name}` }), 201).body.data.id);

async function reveal(member: Member, id: string): Promise<string | null> {
  const contexts = app.app.get<ContextFactory>(CONTEXTS);
  const actor = await app.app.get<Identity>(IDENTITY).load(member.id, null, null);
  if (!actor) throw new Error('There is no such user.');
  return app.app.get<Records>(RECORDS).reveal(contexts.forActor(actor), { entity: 'one.vault', id, field: 'code' });
}

test('a secret is shown of records that one reaches by a role which may edit it there, and of no others', async () => {
  const mine = await make(ann, 'mine');
  const theirs = await make(bob, 'theirs');
  expect(await reveal(ann, mine)).toBe('code of mine');
  // The union of her roles edits the field and changes the record; no role does both to this one.
  await expect(reveal(ann, theirs)).rejects.toMatchObject({ code: 'access.denied' });
  // Whoever only reads a record does not see its secrets.
  expect(await reveal(bob, theirs)).toBe('code of theirs');
  await expect(reveal(bob, mine)).rejects.toMatchObject({ code: 'access.denied' });
  expectOk(await ann.post(`${vaults}/${mine}/shares`, { principal: bob.id, level: 'edit' }), 201);
  expect(await reveal(bob, mine)).toBe('code of mine');
  const entries = await app.db.query(`select 1 from trellis.history where operation = 'reveal'`);
  expect(entries).toHaveLength(3);
});

const audited = async (record: string): Promise<Loose[]> => {
  const { data } = expectOk(await app.admin.get(`/api/audit?record=${record}&limit=100`), 200).body;
  return data.filter(({ kind }) => String(kind).startsWith('record.share')).reverse();
};
const sharesLeft = async (): Promise<number> => (await app.db.query('select 1 from data.core__share')).length;

test('who shared what with whom, until when, and that it ended, stands in the audit', async () => {
  const id = await make(ann, 'shared');
  const until = '2099-05-31T18:00:00.000Z';
  const made = await ann.post(`${vaults}/${id}/shares`, { principal: bob.id, level: 'read', until, reason: 'audit' });
  const share = String(expectOk(made, 201).body.data.id);
  expectOk(await ann.post(`${vaults}/${id}/shares`, { principal: bob.id, level: 'edit' }), 201);
  expectOk(await ann.delete(`${vaults}/${id}/shares/${share}`), 204);
  const entries = await audited(id);
  expect(entries.map(({ kind }) => String(kind))).toEqual([
    'record.shared',
    'record.shareChanged',
    'record.shareEnded',
  ]);
  expect(entries[0].payload).toEqual({
    entity: 'one.vault',
    ids: [id],
    principal: bob.id,
    level: 'read',
    until,
    reason: 'audit',
  });
  expect(entries.every(({ actor }) => String(actor.id) === ann.id)).toBe(true);
  expect(entries[1].payload).toMatchObject({ level: 'edit', until: null });
});

test('whoever has a record for a time neither shortens nor ends what others have from somebody else for longer', async () => {
  const id = await make(ann, 'for a time');
  const [dan, eve] = [await app.member({ roles: ['one.keeper'] }), await app.member({ roles: ['one.keeper'] })];
  const until = '2099-05-31T18:00:00.000Z';
  const give = (by: Client, principal: string, end?: string): ReturnType<Client['post']> =>
    by.post(`${vaults}/${id}/shares`, { principal, level: 'read', until: end });
  const eves = String(expectOk(await give(ann, eve.id), 201).body.data.id);
  expectOk(await give(ann, dan.id, until), 201);
  const end = (): ReturnType<Client['delete']> => dan.delete(`${vaults}/${id}/shares/${eves}`);
  for (const refused of [await give(dan, eve.id, until), await end()])
    expect([refused.status, refused.body.code]).toEqual([403, 'share.beyond_end']);
  expect((await give(ann, dan.id, '2099-05-31T18:00')).status).toBe(422);
  expectOk(await give(ann, eve.id, until), 201);
  expectOk(await end(), 204);
});

test('shares go with a record that is purged, and come back with one that is not', async () => {
  const before = await sharesLeft();
  const id = await make(ann, 'purged');
  expectOk(await ann.post(`${vaults}/${id}/shares`, { principal: bob.id, level: 'edit' }), 201);
  expectOk(await ann.delete(`${vaults}/${id}`), 204);
  expectOk(await ann.post(`${vaults}/${id}/restore`), 200);
  expect(await reveal(bob, id)).toBe('code of purged');
  expectOk(await ann.delete(`${vaults}/${id}`), 204);
  expectOk(await app.admin.post(`${vaults}/${id}/purge`), 204);
  expect(await sharesLeft()).toBe(before);
  const kinds = (await audited(id)).map(({ kind }) => String(kind));
  expect(kinds).toEqual(['record.shared', 'record.shareEnded', 'record.shared', 'record.shareEnded']);
});

test('shares go with a team or user that is purged', async () => {
  const id = await make(ann, 'for a team');
  const team = String(expectOk(await app.admin.post('/api/records/core.team', { name: 'Short' }), 201).body.data.id);
  const leaver = await app.member({ roles: ['one.keeper'], name: 'Leaver' });
  const before = await sharesLeft();
  for (const principal of [team, leaver.id])
    expectOk(await ann.post(`${vaults}/${id}/shares`, { principal, level: 'read' }), 201);
  for (const path of [`/api/records/core.team/${team}`, `/api/records/core.user/${leaver.id}`]) {
    expectOk(await app.admin.delete(path), 204);
    expectOk(await app.admin.post(`${path}/purge`), 204);
  }
  expect(await sharesLeft()).toBe(before);
  expect((await ann.get(`${vaults}/${id}/shares`)).body.data).toHaveLength(0);
  expect((await audited(id)).map(({ kind }) => String(kind)).sort()).toEqual([
    'record.shareEnded',
    'record.shareEnded',
    'record.shared',
    'record.shared',
  ]);
});
