import type { Locator, Page } from 'playwright-core';
import { expectOk, type Loose } from '../support/client.js';
import { applyChange } from '../support/studio.js';
import { useStage } from './support/stage.js';
import { apply, definition } from './support/studio.js';
import { eventually, gone, see } from './support/wait.js';

// Whatever Studio shows tells where it comes from, and is set back where it stands.

const scene = useStage({ seed: 'none' });
const card = 'loyal.card';
const reason = 'Our own ways';

/** A plugin without code that has one of everything. */
const files = {
  'plugin.json': { id: 'loyal', version: '1.2.0', title: 'Loyalty', requires: {}, icon: 'star' },
  'entities/card.json': {
    $id: card,
    title: 'Card',
    type: 'object',
    required: ['name'],
    properties: {
      name: { title: 'Name', type: 'string', maxLength: 100, 'x-field': { kind: 'text' } },
      points: { title: 'Points', type: 'integer', 'x-field': { kind: 'integer' } },
    },
    'x-entity': { titleField: 'name', rules: [{ id: 'few', check: 'points < 100', message: { en: 'Too many' } }] },
  },
  'forms/card.json': {
    entity: card,
    title: 'Card',
    default: true,
    sections: [{ id: 'main', title: 'Main', columns: 2, fields: [{ field: 'name' }, { field: 'points' }] }],
  },
  'views/cards.json': { entity: card, title: 'Cards', type: 'list', columns: [{ field: 'name' }] },
  'record-types/gold.json': { entity: card, title: 'Gold' },
};

/** A part, where its tag stands, the change that the workspace made to it, and what it is again. */
interface Part {
  readonly tab: string;
  readonly tag: (page: Page) => Locator;
  readonly change: { readonly type: string; readonly id: string; readonly at: string; readonly value: unknown };
}

const tagIn = (at: Locator): Locator => at.getByRole('button', { name: /omes from/ });
const parts: Readonly<Record<string, Part>> = {
  'a label': {
    tab: 'Names and use',
    tag: (page) => tagIn(page.getByRole('tabpanel')).first(),
    change: { type: 'entity', id: card, at: '/title', value: 'Membership' },
  },
  'a field': {
    tab: 'Fields',
    tag: (page) => tagIn(page.getByRole('row', { name: /^Score/ })),
    change: { type: 'entity', id: card, at: '/properties/points/title', value: 'Score' },
  },
  'a rule': {
    tab: 'Rules',
    tag: (page) => tagIn(page.getByRole('listitem').filter({ hasText: 'points < 500' })),
    change: { type: 'entity', id: card, at: '/x-entity/rules/few/check', value: 'points < 500' },
  },
  'a field in a form': {
    tab: 'Forms',
    tag: (page) => page.getByRole('button', { name: /^Name comes from/ }),
    change: { type: 'form', id: 'loyal.card', at: '/sections/main/fields/name/span', value: 2 },
  },
  'a section of a form': {
    tab: 'Forms',
    tag: (page) => page.getByRole('button', { name: /^Our facts comes from/ }),
    change: { type: 'form', id: 'loyal.card', at: '/sections/main/title', value: 'Our facts' },
  },
  'a view': {
    tab: 'Views',
    tag: (page) => tagIn(page.getByRole('tabpanel')).first(),
    change: { type: 'view', id: 'loyal.cards', at: '/title', value: 'All our cards' },
  },
  'a record type': {
    tab: 'Record types',
    tag: (page) => tagIn(page.getByRole('tabpanel')).first(),
    change: { type: 'record-type', id: 'loyal.gold', at: '/title', value: 'Golden' },
  },
};

scene(
  'every part of a definition tells its plugin, its version, who changed it, when and why, and is set back',
  {},
  async ({ page, open, app }) => {
    expectOk(await app.admin.post('/api/plugins/install', { files }), 200);
    const before = new Map<string, Loose>();
    for (const { change } of Object.values(parts))
      before.set(change.type, await definition(app.admin, change.type, change.id));
    const operations = Object.values(parts).map(({ change }) => ({ op: 'set', ...change }));
    expectOk(await applyChange(app.admin, operations, { reason }), 200);

    await open(`/studio/entities/${card}`);
    for (const { tab, tag } of Object.values(parts)) {
      await page.getByRole('tab', { name: tab }).click();
      await tag(page).click();
      const panel = page.getByRole('dialog').last();
      await see(
        panel
          .getByText('From Loyalty, version 1.2.0.')
          .or(panel.getByText(/^Changed by Administrator, /))
          .first(),
      );
      await see(panel.getByText(/Administrator.* \d{4}/).first());
      await see(panel.getByText(reason).first());
      await panel.getByRole('button', { name: 'Set back to the original' }).click();
      await gone(panel);
    }
    await apply(page, 'As it came');
    for (const { change } of Object.values(parts))
      expect(await definition(app.admin, change.type, change.id)).toEqual(before.get(change.type));
    await eventually(async () => (await definition(app.admin, 'entity', card)).title, 'Card');
  },
  180_000,
);
