import type { Locator } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { applyChange, companyField, definitionsOf, structureOf, type StudioOperation } from '../support/studio.js';
import { keysShown, overflowOf } from './support/audit.js';
import { useStage } from './support/stage.js';
import { bothThemes, choose, definition, download, signedIn, upload } from './support/studio.js';
import { see } from './support/wait.js';

const scene = useStage();
/** Another system, for what is taken there. */
let other: TestApp;
beforeAll(async () => {
  other = await startApp();
}, 120_000);
afterAll(() => other?.stop());

interface Version {
  readonly title?: string;
  readonly option?: string;
  readonly notes?: string | null;
  readonly updates?: string;
}

/** A version of a vendor's plugin. */
function plugin(id: string, version: string, given: Version = {}): { files: Record<string, object> } {
  const { title = 'Card', option = 'Gold', notes = 'Notes', updates = 'none' } = given;
  const options = [
    { value: 'gold', title: option },
    { value: 'silver', title: 'Silver' },
  ];
  return {
    files: {
      'plugin.json': { id, version, title: 'Loyalty' },
      'entities/card.json': {
        $id: `${id}.card`,
        title,
        type: 'object',
        properties: {
          name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } },
          ...(notes === null ? {} : { notes: { title: notes, 'x-field': { kind: 'longText' } } }),
          level: { title: 'Level', 'x-field': { kind: 'choice', options } },
        },
        'x-entity': { titleField: 'name', titlePlural: 'Cards', icon: 'award' },
      },
      'roles/clerk.json': {
        title: 'Clerk',
        grants: [{ entity: `${id}.card`, read: 'all', create: false, update: updates, delete: 'none' }],
      },
    },
  };
}

scene(
  'an upgrade under customisations: the conflicts side by side, a choice each after its plan, not asked again',
  {},
  async ({ page, app, open }) => {
    const at = (more: object): StudioOperation => ({ type: 'entity', id: 'loyal.card', ...more });
    const title = async () => (await definition(app.admin, 'entity', 'loyal.card')).title;
    const option = async () =>
      (await definition(app.admin, 'entity', 'loyal.card')).properties.level['x-field'].options[0].title;
    expectOk(await app.admin.post('/api/plugins/install', plugin('loyal', '1.0.0')), 200);
    expectOk(
      await applyChange(app.admin, [
        at({ op: 'set', at: '/title', value: 'Membership' }),
        at({ op: 'set', at: '/properties/level/x-field/options/gold/title', value: 'Golden' }),
        at({ op: 'set', at: '/properties/notes/title', value: 'Remarks' }),
      ]),
      200,
    );
    const next: Version = { title: 'Loyalty card', option: 'Gold level', notes: null, updates: 'all' };
    await open('/studio/packages');
    await upload(page, 'loyal-2.json', plugin('loyal', '2.0.0', next));
    await see(page.getByText('4 places were changed both here and by the plugin'));
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await see(page.getByText('loyal-2.json is installed.'));
    expect([await title(), await option()]).toEqual(['Membership', 'Golden']);

    await page.getByRole('link', { name: 'Upgrades' }).click();
    await see(page.getByRole('heading', { name: 'To decide (4)' }));
    const card = (name: string): Locator => page.getByRole('listitem', { name, exact: true });
    const label = card('Membership › Label');
    for (const text of ['Card', 'Loyalty card', 'Membership']) await see(label.getByText(text, { exact: true }));
    await see(card('Clerk › Rights › Membership › Change').getByText('Access would widen'));

    await choose(page, card('Membership › Level › Options › gold › Label'), "Take the plugin's", 'Gold level');
    await choose(page, label, 'Keep ours');
    await choose(page, card('Membership › notes › Label'), "Take the plugin's");
    await see(page.getByRole('heading', { name: 'To decide (1)' }));
    await see(page.getByRole('heading', { name: 'Decided (3)' }));
    await see(label.getByText('Ours kept'));
    await see(label.getByText(/^Decided by Administrator/));
    expect([await title(), await option()]).toEqual(['Membership', 'Gold level']);

    // The vendor's next version says the same once more: nothing is asked again but what nobody decided.
    await open('/studio/packages');
    await upload(page, 'loyal-3.json', plugin('loyal', '3.0.0', next));
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await see(page.getByText('loyal-3.json is installed.'));
    await open('/studio/upgrades');
    await see(page.getByRole('heading', { name: 'To decide (1)' }));
    await see(card('Clerk › Rights › Membership › Change').getByText('Access would widen'));
    expect([await title(), await option()]).toEqual(['Membership', 'Gold level']);
    await bothThemes(page);
    await page.setViewportSize({ width: 390, height: 844 });
    expect([await overflowOf(page), await keysShown(page)]).toEqual([0, []]);
  },
  120_000,
);

const model: readonly StudioOperation[] = [
  companyField('x_vip'),
  { type: 'entity', id: 'contacts.company', op: 'set', at: '/properties/website/title', value: 'Home page' },
  {
    type: 'entity',
    id: 'x.project',
    op: 'set',
    at: '',
    value: {
      $id: 'x.project',
      title: 'Project',
      type: 'object',
      properties: {
        name: { title: 'Name', type: 'string', 'x-field': { kind: 'text' } },
        company: {
          title: 'Company',
          'x-field': { kind: 'link', to: 'contacts.company', inverse: { key: 'x_projects', title: 'Projects' } },
        },
      },
      'x-entity': { titleField: 'name', titlePlural: 'Projects', icon: 'folder' },
    },
  },
  { type: 'translation', id: 'x.zh-CN', op: 'set', at: '/messages/entity:x.project/~1title', value: '项目' },
];

scene(
  'the workspace goes as a file into another system, whose catalog is then the same; and as a plugin with keys of its own',
  {},
  async ({ page, app, open }) => {
    // Conflicts and packages of the scene before are no part of this one.
    const source = await startApp();
    const here = await signedIn(page, source);
    const there = await signedIn(page, other);
    try {
      expectOk(await applyChange(source.admin, model), 200);
      await here.goto(`${source.url}/studio/packages`);
      const bundle = await download(here, () => here.getByRole('button', { name: 'Download' }).click());
      expect(bundle.name).toBe('trellis-workspace.json');

      await there.goto(`${other.url}/studio/packages`);
      await upload(there, bundle.name, bundle.content);
      await see(there.getByText('New entity Project'));
      // Only a plan so far.
      expect((await other.admin.get('/api/catalog/definitions/entity/x.project')).status).toBe(404);
      await there.getByRole('button', { name: 'Install', exact: true }).click();
      await see(there.getByText('trellis-workspace.json is installed.'));
      await see(there.getByRole('link', { name: 'Projects' }));
      expect(await definitionsOf(other.admin)).toEqual(await definitionsOf(source.admin));
      expect(await structureOf(other.db)).toEqual(await structureOf(source.db));

      const form = here.getByRole('region', { name: 'Publish as a plugin' });
      await form.getByLabel('Id').fill('acme');
      await form.getByLabel('Title').fill('Acme');
      const made = await download(here, () => form.getByRole('button', { name: 'Make the plugin file' }).click());
      expect(made.name).toBe('acme-1.0.0.json');
      await form.getByText('3 names became the plugin').click();
      await see(form.getByText('acme.project'));
      await see(form.getByText('acme_vip'));

      // Into the first system, which has nothing of the kind.
      await open('/studio/packages');
      await upload(page, made.name, made.content);
      await see(page.getByText('New entity Project'));
      await page.getByRole('button', { name: 'Install', exact: true }).click();
      await see(page.getByText('acme-1.0.0.json is installed.'));
      const company = await definition(app.admin, 'entity', 'contacts.company');
      expect([company.properties.acme_vip.title, company.properties.website.title]).toEqual(['x_vip', 'Home page']);
      const project = (await app.admin.get('/api/catalog/entities/acme.project?locale=zh-CN')).body.data;
      expect(project.title).toBe('项目');
      await open('/records/acme.project/new');
      await see(page.getByRole('heading', { name: 'New Project', level: 1 }));
    } finally {
      await here.context().close();
      await there.context().close();
      await source.stop();
    }
  },
  180_000,
);

scene('a file that is no package is refused in words, and nothing is planned', {}, async ({ page, open }) => {
  await open('/studio/packages');
  await upload(page, 'notes.json', { hello: 'world' });
  await see(page.getByText('This file is no package of definitions.'));
  expect(await page.getByRole('button', { name: 'Install', exact: true }).count()).toBe(0);
});
