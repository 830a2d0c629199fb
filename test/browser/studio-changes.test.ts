import type { Locator, Page } from 'playwright-core';
import { expectOk, type Loose } from '../support/client.js';
import { applyChange, companyField, definitionsOf, type StudioOperation } from '../support/studio.js';
import { keysShown } from './support/audit.js';
import { settled, useStage } from './support/stage.js';
import { apply, cardOf, definition, drag, firstOf, focused, signedIn, values } from './support/studio.js';
import { eventually, gone, see } from './support/wait.js';

const scene = useStage();

scene(
  'the navigation is ordered by drag and by keyboard, and everybody has it after the apply',
  {},
  async ({ page, open }) => {
    await open('/studio/navigation');
    await page.getByRole('button', { name: 'New group' }).click();
    const title = page.getByRole('textbox', { name: 'Name of the group' }).last();
    await title.fill('Work');
    await title.press('Tab');
    const group = (name: string): Locator => page.getByRole('region', { name, exact: true });
    const groups = () => page.getByRole('textbox', { name: 'Name of the group' }).evaluateAll(values);
    await eventually(groups, ['Contacts', 'Work']);
    // By keyboard: the focus goes with what is moved.
    await group('Work').getByRole('button', { name: 'Move Work forward' }).focus();
    await page.keyboard.press('Enter');
    await eventually(groups, ['Work', 'Contacts']);
    await eventually(() => focused(page), 'Move Work back');
    await page.keyboard.press('Enter');
    await eventually(groups, ['Contacts', 'Work']);
    await drag(page, group('Work').locator('.group-grip'), group('Contacts').locator('.group-grip'));
    await eventually(groups, ['Work', 'Contacts']);

    const entries = () => group('Contacts').locator('li').allInnerTexts();
    await eventually(entries, ['Companies', 'Contacts', 'Activities']);
    const down = group('Contacts').getByRole('button', { name: 'Move Companies back' });
    await down.focus();
    await page.keyboard.press('Enter');
    await eventually(entries, ['Contacts', 'Companies', 'Activities']);
    await page.keyboard.press('Enter');
    await eventually(entries, ['Contacts', 'Activities', 'Companies']);
    const grip = (n: number): Locator => group('Contacts').locator('li .grip').nth(n);
    await drag(page, grip(2), grip(0));
    await eventually(entries, ['Companies', 'Contacts', 'Activities']);
    await drag(page, grip(0), grip(1));
    await eventually(entries, ['Contacts', 'Companies', 'Activities']);

    await group('Contacts').getByRole('button', { name: 'Comes from Not applied yet' }).click();
    await see(page.getByText('Changed in the change set that you are making.'));
    await page.keyboard.press('Escape');
    await apply(page, 'Work first');
    const links = page.getByRole('navigation').first().getByRole('heading');
    await eventually(
      async () => (await links.allInnerTexts()).filter((text) => /Work|Contacts/.test(text)),
      ['Work', 'Contacts'],
    );

    // Set back to what the plugin has, where it stands.
    await open('/studio/navigation');
    await group('Contacts')
      .getByRole('button', { name: /^Comes from/ })
      .click();
    await page.getByRole('button', { name: 'Set back to the original' }).click();
    await eventually(entries, ['Companies', 'Contacts', 'Activities']);
    await group('Work').getByRole('button', { name: 'Remove Work' }).click();
    await eventually(groups, ['Contacts']);
    await apply(page, 'As it was');
  },
  120_000,
);

scene(
  'of two who work on one draft the later one is asked; what was thrown away goes on apart',
  { refused: /^4(04|09) / },
  async ({ page, app }) => {
    const mine = page;
    const theirs = await signedIn(page, app);
    try {
      const draft = expectOk(
        await app.admin.post('/api/catalog/drafts', { reason: 'Shared', operations: [companyField('x_shared')] }),
        201,
      ).body.data;
      const reasons = async () => {
        const { data } = (await app.admin.get('/api/catalog/drafts')).body;
        return [...(data as unknown as Loose[])].map(({ reason }) => String(reason)).sort();
      };
      const openDraft = async (at: Page, reason: string): Promise<void> => {
        await at.goto(`${app.url}/studio/changes`);
        await cardOf(at, reason).getByRole('button', { name: 'Open' }).click();
        await eventually(() => at.getByLabel('Why').inputValue(), reason);
      };
      const save = async (at: Page, reason: string): Promise<void> => {
        await at.getByLabel('Why').fill(reason);
        await at.getByRole('button', { name: 'Save as draft' }).click();
      };
      await openDraft(mine, 'Shared');
      await openDraft(theirs, 'Shared');
      await save(theirs, 'Shared, theirs');
      await see(cardOf(theirs, 'Shared, theirs'));

      await save(mine, 'Shared, mine');
      const dialog = mine.getByRole('dialog', { name: 'Administrator has saved this draft since you opened it' });
      await see(dialog);
      expect(await reasons()).toEqual(['Shared, theirs']);
      await dialog.getByRole('button', { name: 'Keep mine apart' }).click();
      await see(cardOf(mine, 'Shared, mine'));
      expect(await reasons()).toEqual(['Shared, mine', 'Shared, theirs']);

      // Overwritten on purpose.
      await openDraft(mine, 'Shared, theirs');
      await openDraft(theirs, 'Shared, theirs');
      await save(theirs, 'Theirs again');
      await see(cardOf(theirs, 'Theirs again'));
      await save(mine, 'Mine instead');
      await dialog.getByRole('button', { name: 'Replace theirs' }).click();
      await see(cardOf(mine, 'Mine instead'));
      expect(await reasons()).toEqual(['Mine instead', 'Shared, mine']);

      // Thrown away while somebody has it open: what they have is applied all the same.
      await openDraft(mine, 'Mine instead');
      await theirs.goto(`${app.url}/studio/changes`);
      await cardOf(theirs, 'Mine instead')
        .getByRole('button', { name: /^Throw away/ })
        .click();
      await theirs.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await gone(cardOf(theirs, 'Mine instead'));
      expect((await app.admin.get(`/api/catalog/changes/${String(draft.id)}`)).status).toBe(404);
      await mine.getByRole('button', { name: 'Apply to everybody' }).click();
      await mine
        .getByRole('dialog', { name: 'This draft is no longer there' })
        .getByRole('button', { name: 'Keep mine apart' })
        .click();
      await see(cardOf(mine, 'Mine instead').getByText('Applied'));
      expect((await definition(app.admin, 'entity', 'contacts.company')).properties.x_shared.title).toBe('x_shared');
    } finally {
      await theirs.context().close();
    }
  },
  120_000,
);

scene(
  'a kind that is being changed is shown as such with how far it is, and applied before one’s eyes',
  {},
  async ({ page, app, open }) => {
    expectOk(await applyChange(app.admin, [companyField('x_code', 'text')]), 200);
    await app.db.query(
      `insert into data.contacts__company (id, name, x__code) select gen_random_uuid(), 'Bulk ' || i, i::text from generate_series(1, 40000) i`,
    );
    await app.db.query('analyze data.contacts__company');
    // Holds the copying job off as another transaction's lock would, until the test has looked.
    await app.db.query(`create table public.brake as select 1 as held`);
    await app.db.query(`create function public.hold_off() returns trigger language plpgsql as $$ begin
  if exists (select 1 from public.brake) then raise exception 'held by the test' using errcode = '55P03'; end if;
  return new; end $$`);
    await app.db.query(
      `create trigger brake before update on trellis.storage_task for each row execute function public.hold_off()`,
    );
    const operations = [companyField('x_code', 'integer')];
    const begun = expectOk(
      await app.admin.post('/api/catalog/apply', { reason: 'Codes are numbers', operations }),
      200,
    );
    expect(begun.body.data.state).toBe('preparing');
    await open('/studio/changes');
    const card = cardOf(page, 'Codes are numbers');
    await see(card.getByText('Being prepared', { exact: true }));
    await see(page.getByRole('region', { name: 'Work in the tables' }).getByText('Values of Companies are copied'));
    await app.db.query('delete from public.brake');
    await card.getByText('Applied', { exact: true }).waitFor({ timeout: 240_000 });
    await gone(page.getByRole('region', { name: 'Work in the tables' }));
    const { properties } = await definition(app.admin, 'entity', 'contacts.company');
    expect(properties.x_code['x-field'].kind).toBe('integer');

    // A unique that cannot be had says which records are in its way.
    await app.db.query(`update data.contacts__company set x__code = 7 where name = 'Bulk 8'`);
    const [{ id }] = await app.db.query<{ id: string }>(`select id from data.contacts__company where name = 'Bulk 8'`);
    await app.db.query(
      `insert into trellis.index_state (name, entity, definition, state, error, duplicates) values ('test_twins', 'contacts.company', '', 'failed', 'Values stand more than once.', $1)`,
      [JSON.stringify([{ value: { x__code: 7 }, rows: 2, ids: [id] }])],
    );
    await open('/studio/changes');
    await see(page.getByText('7 stands 2 times:'));
    await page.getByRole('region', { name: 'Work in the tables' }).getByRole('link', { name: '1' }).click();
    await see(page.getByRole('heading', { name: 'Bulk 8', level: 1 }));
    await app.db.query(`delete from trellis.index_state where name = 'test_twins'`);
  },
  400_000,
);

for (const { locale, words } of [
  {
    locale: 'en' as const,
    words: {
      of: /^Comes from/,
      back: 'Set back to the original',
      label: /^Label · Administrator/,
    },
  },
  {
    locale: 'zh-CN' as const,
    words: { of: /^来源：/, back: '恢复原值', label: /^标签 · Administrator/ },
  },
])
  scene(
    `what the workspace changed tells who, when and why, and goes back alone (${locale})`,
    { locale },
    async ({ page, app, open }) => {
      const entity = (more: object): StudioOperation => ({ type: 'entity', id: 'contacts.company', ...more });
      const option = '/properties/industry/x-field/options';
      const before = await definitionsOf(app.admin);
      const form = (await firstOf(app.admin, 'form', 'contacts.company')).id;
      const view = (await firstOf(app.admin, 'view', 'contacts.company')).id;
      const options = (await definition(app.admin, 'entity', 'contacts.company')).properties.industry['x-field']
        .options;
      const first = String(options[0].value);
      const done = await app.admin.post('/api/catalog/apply', {
        reason: 'Our own words',
        operations: [
          entity({ op: 'set', at: '/properties/industry/title', value: 'Trade' }),
          entity({ op: 'set', at: `${option}/${first}/title`, value: 'First of all' }),
          { type: 'form', id: form, op: 'set', at: '/title', value: 'Our form' },
          { type: 'view', id: view, op: 'set', at: '/title', value: 'Our view' },
        ],
      });
      const { id } = expectOk(done, 200).body.data;
      await open('/studio/entities/contacts.company');
      const row = page
        .getByRole('row')
        .filter({ has: page.locator('.dot--workspace') })
        .first();
      await row.getByRole('button', { name: words.of }).click();
      await see(page.getByText(words.label));
      await see(page.getByText('Our own words').first());
      expect(await keysShown(page)).toEqual([]);
      await page.getByRole('button', { name: words.back, exact: true }).click();
      for (const tab of [1, 2]) {
        await page.getByRole('tab').nth(tab).click();
        await settled(page);
        await page.getByRole('tabpanel').getByRole('button', { name: words.of }).first().click();
        await page.getByRole('button', { name: words.back, exact: true }).click();
      }
      expect(await keysShown(page)).toEqual([]);
      const operations = await page.evaluate(
        () =>
          (
            JSON.parse(
              (globalThis as never as { localStorage: { getItem(key: string): string } }).localStorage.getItem(
                'trellis.studio',
              ),
            ) as { operations: never[] }
          ).operations,
      );
      expectOk(await applyChange(app.admin, operations), 200);
      expect(await definitionsOf(app.admin)).toEqual(before);
      expect(id).toEqual(expect.any(String));
    },
    120_000,
  );
