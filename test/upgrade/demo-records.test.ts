import { manifestOf, pluginStage, type PluginStage, type StagedApp } from '../support/plugin-stage.js';

let stage: PluginStage;
beforeEach(async () => {
  stage = await pluginStage();
  await stage.lay({ 'shop/plugin.json': manifestOf('shop') });
});
afterEach(() => stage?.end());

const companies = async (app: StagedApp) =>
  Number((await app.admin.get('/api/records/contacts.company?limit=1&count=exact')).body.page.count);

test('demo records can come with a later start, once, where nobody has made records yet', async () => {
  const none = await stage.restart({ TRELLIS_SEED: 'none' });
  expect(await companies(none)).toBe(0);
  const demo = await stage.restart({ TRELLIS_SEED: 'demo' });
  expect(await companies(demo)).toBe(40);
  const again = await stage.restart({ TRELLIS_SEED: 'demo' });
  expect(await companies(again)).toBe(40);
});

test('never over records that somebody made, nor later when those are gone', async () => {
  const none = await stage.restart({ TRELLIS_SEED: 'none' });
  const made = await none.admin.post('/api/records/contacts.company', { name: 'Real Ltd' });
  const url = `/api/records/contacts.company/${String(made.body.data.id)}`;
  const demo = await stage.restart({ TRELLIS_SEED: 'demo' });
  expect(await companies(demo)).toBe(1);
  await demo.admin.delete(url);
  await demo.admin.post(`${url}/purge`);
  const later = await stage.restart({ TRELLIS_SEED: 'demo' });
  expect(await companies(later)).toBe(0);
});
