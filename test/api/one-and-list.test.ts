import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Client, type Loose } from '../support/client.js';
import { makePlugin } from '../support/made-plugin.js';
import { applyChange } from '../support/studio.js';

// One record and the list of all say the same, and what was kept of either is not said again once it is no longer so.
type Member = Client & { readonly id: string };
const cases = '/api/records/kept.case';
let app: TestApp;

beforeAll(async () => {
  const field = (kind: string): object => ({ title: kind, 'x-field': { kind } });
  const properties = { city: field('text') };
  const dir = await makePlugin('kept', [{ name: 'case', properties, more: { ownership: 'principal' } }]);
  const add = async (folder: string, name: string, document: object): Promise<void> => {
    await mkdir(join(dir, folder), { recursive: true });
    await writeFile(join(dir, folder, `${name}.json`), JSON.stringify(document));
  };
  const grant = { entity: 'kept.case', read: 'own', create: true, update: 'own', delete: 'own', share: true };
  const readsPeople = ['core.user', 'core.principal', 'core.team', 'core.territory'].map((entity) => ({
    ...grant,
    entity,
    read: 'all',
    create: false,
    update: 'none',
    delete: 'none',
  }));
  for (const name of ['reader', 'seller', 'worker'])
    await add('roles', name, { title: name, grants: [grant, ...readsPeople] });
  const rule = { entity: 'kept.case', access: 'read', to: { roles: ['kept.reader'] } };
  await add('sharing-rules', 'of-groups', {
    ...rule,
    title: 'Of groups',
    ownedBy: { roles: ['kept.seller'], teams: ['Reds', 'Nobodies'], territories: ['North', 'Atlantis'] },
  });
  await add('sharing-rules', 'of-berne', { ...rule, title: 'Of Berne', when: 'city == "Berne"' });
  app = await startApp({ plugins: [dir] });
});
afterAll(() => app.stop());

const member = (role = 'worker'): Promise<Member> => app.member({ roles: [`kept.${role}`] });
const add = async (entity: string, values: object): Promise<string> =>
  String(expectOk(await app.admin.post(`/api/records/${entity}`, values), 201).body.data.id);
const change = async (entity: string, id: string, values: object): Promise<void> =>
  void expectOk(await app.admin.patch(`/api/records/${entity}/${id}`, values), 200);
const owned = (ownerId: string | null, values: object = {}): Promise<string> =>
  add('kept.case', { name: 'A case', ownerId, ...values });
const listed = async (by: Client, query = ''): Promise<Loose[]> => [
  ...expectOk(await by.get(`${cases}?limit=500${query}`), 200).body.data,
];
const idsOf = async (by: Client, query = ''): Promise<string[]> =>
  (await listed(by, `&fields=id${query}`)).map(({ id }) => String(id));

/** Names of the records that the reader sees, which one record, the list and the number of all must agree about. */
async function seen(by: Client, records: Readonly<Record<string, string>>): Promise<string[]> {
  const ids = await idsOf(by);
  const found: string[] = [];
  for (const [name, id] of Object.entries(records)) {
    const { status } = await by.get(`${cases}/${id}`);
    expect([name, status]).toEqual([name, ids.includes(id) ? 200 : 404]);
    if (status === 200) found.push(name);
  }
  expect(expectOk(await by.get(`${cases}?limit=1&count=exact`), 200).body.page.count).toBe(ids.length);
  return found;
}

test('who owns a record decides the same of one and of all, through every change of who that is', async () => {
  const reader = await member('reader');
  const [seller, red, norther, upper, worlder, stranger] = await Promise.all(
    ['seller', ...Array<string>(5).fill('worker')].map((role) => member(role)),
  );
  const [lead, hand, far] = await Promise.all([member(), member(), member()]);
  const [reds, blues] = [await add('core.team', { name: 'Reds' }), await add('core.team', { name: 'Blues' })];
  await add('core.teamMember', { team: reds, user: red.id });
  await add('core.teamMember', { team: blues, user: stranger.id });
  const world = await add('core.territory', { name: 'World' });
  const north = await add('core.territory', { name: 'North', parent: world });
  const up = await add('core.territory', { name: 'Up North', parent: north });
  const southern = await add('core.territory', { name: 'South', parent: world });
  for (const [territory, user] of [
    [north, norther],
    [up, upper],
    [world, worlder],
  ] as const)
    await add('core.territoryMember', { territory, user: user.id });
  for (const [user, reportsTo] of [
    [lead, reader],
    [hand, lead],
    [far, hand],
  ] as const)
    await change('core.user', user.id, { reportsTo: reportsTo.id });
  const owners = { reader, seller, red, norther, upper, worlder, stranger, lead, hand, far };
  const groups = { reds, blues, world, north, up, southern };
  const records: Record<string, string> = { nobody: await owned(null) };
  for (const [name, { id }] of Object.entries(owners)) records[name] = await owned(id);
  for (const [name, id] of Object.entries(groups)) records[name] = await owned(id);

  const all = ['reader', 'seller', 'red', 'norther', 'upper', 'lead', 'hand', 'far', 'reds', 'north', 'up'];
  const without = (...names: string[]): string[] => all.filter((name) => !names.includes(name));
  expect(await seen(reader, records)).toEqual(all);
  expect(await seen(stranger, records)).toEqual(['stranger', 'blues']);
  await change('core.team', reds, { name: 'Greens' });
  expect(await seen(reader, records)).toEqual(without('red', 'reds'));
  await change('core.team', reds, { name: 'Reds' });
  expectOk(await app.admin.delete(`/api/records/core.team/${reds}`), 204);
  expect(await seen(reader, records)).toEqual(without('red', 'reds'));
  expectOk(await app.admin.post(`/api/records/core.team/${reds}/restore`, {}), 200);
  expect(await seen(reader, records)).toEqual(all);
  await change('core.territory', north, { name: 'The North' });
  expect(await seen(reader, records)).toEqual(without('norther', 'upper', 'north', 'up'));
  await change('core.territory', north, { name: 'North' });
  await change('core.territory', up, { parent: southern });
  expect(await seen(reader, records)).toEqual(without('upper', 'up'));
  await change('core.territory', up, { parent: north });
  await change('core.user', hand.id, { reportsTo: null });
  expect(await seen(reader, records)).toEqual(without('hand', 'far'));
  await change('core.user', hand.id, { reportsTo: reader.id });
  expectOk(await app.admin.patch(`/api/users/${seller.id}`, { roles: ['kept.worker'] }), 200);
  expect(await seen(reader, records)).toEqual(without('seller'));
  // Who may not sign in any more still owns what it owns.
  expectOk(await app.admin.patch(`/api/users/${far.id}`, { active: false }), 200);
  expect(await seen(reader, records)).toEqual(without('seller'));
  expectOk(await app.admin.patch(`/api/users/${reader.id}`, { roles: ['kept.worker'] }), 200);
  expect(await seen(reader, records)).toEqual(['reader', 'lead', 'hand', 'far']);
});

test('a share, a rule and a field are there from the next of the same requests on, and no longer', async () => {
  const [reader, giver] = [await member('reader'), await member()];
  const records = { shared: await owned(giver.id), berne: await owned(giver.id, { city: 'Berne' }) };
  const made = await giver.post(`${cases}/${records.shared}/shares`, { principal: reader.id, level: 'read' });
  const share = String(expectOk(made, 201).body.data.id);
  expect(await seen(reader, records)).toEqual(['shared', 'berne']);
  await change('core.share', share, { until: '2020-01-01T00:00:00Z' });
  expect(await seen(reader, records)).toEqual(['berne']);
  const apply = async (operation: object): Promise<void> =>
    void expectOk(await applyChange(app.admin, [operation as Record<string, unknown>]), 200);
  const rule = { type: 'sharing-rule', id: 'kept.of-berne', op: 'set', at: '/off' };
  await apply({ ...rule, value: true });
  expect(await seen(reader, records)).toEqual([]);
  await apply({ ...rule, value: false });
  expect(await seen(reader, records)).toEqual(['berne']);
  expect(Object.keys((await listed(reader))[0])).not.toContain('x_new');
  const value = { title: 'New', 'x-field': { kind: 'text' } };
  await apply({ type: 'entity', id: 'kept.case', op: 'set', at: '/properties/x_new', value });
  for (const shown of [(await listed(reader))[0], (await reader.get(`${cases}/${records.berne}`)).body.data])
    expect(Object.keys(shown)).toContain('x_new');
});

test('a list that asks for the moment or the reader is one of now, and of whoever asks', async () => {
  const [ann, bob] = [await member('reader'), await member('reader')];
  const records = { ann: await owned(ann.id, { city: 'Berne' }), bob: await owned(bob.id, { city: 'Berne' }) };
  const mine = `&filter=${encodeURIComponent('ownerId == ME()')}`;
  const soFar = `&filter=${encodeURIComponent('createdAt <= NOW()')}`;
  for (let n = 0; n < 2; n++) {
    expect(await idsOf(ann, mine)).toEqual([records.ann]);
    expect(await idsOf(bob, mine)).toEqual([records.bob]);
    const next = await owned(bob.id, { city: 'Berne' });
    // The clocks of server and database may differ by a little.
    await until(
      () => idsOf(ann, soFar),
      (ids) => ids.includes(next),
    );
    expectOk(await app.admin.delete(`${cases}/${next}`), 204);
  }
});

test('a long list says how many bytes it has, and of which charset', async () => {
  const reader = await member('reader');
  await owned(reader.id, { name: '漢字 '.repeat(60) });
  for (let n = 0; n < 30; n++) await owned(reader.id);
  const answer = expectOk(await reader.get(`${cases}?limit=500`), 200);
  expect(answer.text.length).toBeGreaterThan(4_096);
  expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(answer.text)));
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
});
