import { startApp, startNode, type TestApp } from '../support/app.js';
import { expectOk, until, type Client } from '../support/client.js';
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
  await until(
    () => there.get('/api/plugins'),
    (answer) => answer.body.data.some(({ id, state }) => String(id) === 'loyal' && String(state) === 'enabled'),
  );
  expectOk(await there.post('/api/plugins/loyal/uninstall', { policy: 'keep' }), 200);
  expect((await app.admin.get('/api/records/loyal.card')).status).toBe(404);
  expectOk(await app.admin.post('/api/plugins/install', { files }), 200);
  expect((await there.get('/api/records/loyal.card')).body.data).toHaveLength(1);
});
