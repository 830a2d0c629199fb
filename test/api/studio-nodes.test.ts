import { startApp, startNode, type TestApp } from '../support/app.js';
import { expectOk, type Client, type Loose } from '../support/client.js';
import { applyChange, applyOnTwoNodes, companyField } from '../support/studio.js';

let app: TestApp;
let node: Awaited<ReturnType<typeof startNode>>;
let there: Client;

beforeAll(async () => {
  app = await startApp();
  node = await startNode(app);
  there = app.admin.at(node.url);
});
afterAll(async () => {
  await node.stop();
  await app.stop();
});

test('what one node applies, another serves with its next answer', async () => {
  expectOk(await applyChange(app.admin, [companyField('x_here', 'text')]), 200);
  const made = expectOk(await there.post('/api/records/contacts.company', { name: 'There', x_here: 'yes' }), 201);
  expect(made.body.data.x_here).toBe('yes');
  const filter = encodeURIComponent(`x_here == 'yes'`);
  expect((await there.get(`/api/records/contacts.company?filter=${filter}`)).body.data).toHaveLength(1);
  expect((await there.get('/api/openapi.json')).text).toContain('x_here');
});

test('two nodes that apply at once come one after the other, and nothing is lost', async () => {
  await applyOnTwoNodes([app.admin, there], 'two', 10);
});

test('of two who saw the same epoch one is told that the other was first', async () => {
  const { epoch } = (await app.admin.post('/api/catalog/plan', { reason: 'r', operations: [] })).body.data;
  const answers = await Promise.all(
    [app.admin, there].map((client, i) => applyChange(client, [companyField(`x_race${i}`)], { epoch })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.code).toBe('catalog.changed');
});

test('two who take back the same change set: one does', async () => {
  const { id } = expectOk(await applyChange(app.admin, [companyField('x_back')]), 200).body.data;
  const answers = await Promise.all(
    [app.admin, there].map((client) => client.post(`/api/catalog/changes/${String(id)}/revert`, {})),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test('a package that one node installs runs on the other without a restart, and goes with it', async () => {
  const files = {
    'plugin.json': { id: 'loyal', version: '1.0.0', title: 'Loyal' },
    'entities/card.json': {
      $id: 'loyal.card',
      title: 'Card',
      type: 'object',
      properties: { name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } } },
      'x-entity': { titleField: 'name' },
    },
  };
  expectOk(await app.admin.post('/api/plugins/install', { files }), 200);
  expectOk(await there.post('/api/records/loyal.card', { name: 'C' }), 201);
  expect(await stateOf(there, 'loyal')).toBe('enabled');
  expectOk(await there.post('/api/plugins/loyal/uninstall', { policy: 'keep' }), 200);
  expect((await app.admin.get('/api/records/loyal.card')).status).toBe(404);
  expectOk(await app.admin.post('/api/plugins/install', { files }), 200);
  expect((await there.get('/api/records/loyal.card')).body.data).toHaveLength(1);
});

test('the list of plugins is the same on every node, with the next answer', async () => {
  const client = (n: number): Client => (n % 2 === 0 ? app.admin : there);
  const install = (version: string) => ({ files: { 'plugin.json': { id: 'turns', version, title: 'Turns' } } });
  for (let n = 0; n < 4; n++) {
    expectOk(await client(n).post('/api/plugins/install', install(`1.${n}.0`)), 200);
    expect(await infoOf(client(n + 1), 'turns')).toMatchObject({ state: 'enabled', version: `1.${n}.0` });
    // Each step by the node that did not do the one before.
    expectOk(await client(n + 1).post('/api/plugins/turns/disable', {}), 200);
    expect(await stateOf(client(n), 'turns')).toBe('disabled');
    expect((await client(n).post('/api/plugins/turns/enable', {})).body.data.state).toBe('enabled');
    expect(await stateOf(client(n + 1), 'turns')).toBe('enabled');
  }
  const older = await app.admin.post('/api/plugins/install', install('1.1.0'));
  expect([older.status, older.body.code]).toEqual([409, 'package.older']);
  expectOk(await there.post('/api/plugins/turns/uninstall', { policy: 'purge', confirm: 'turns' }), 200);
  expect(await infoOf(app.admin, 'turns')).toBeUndefined();
});

const infoOf = async (client: Client, id: string): Promise<Loose | undefined> =>
  expectOk(await client.get('/api/plugins'), 200).body.data.find((one) => String(one.id) === id);
const stateOf = async (client: Client, id: string): Promise<unknown> => (await infoOf(client, id))?.state;
