import type { Page } from 'playwright-core';
import type { TestApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { useStage } from './support/stage.js';
import { addField, addToChanges, applyChanges, takeEntry } from './support/studio-steps.js';
import { gone, see } from './support/wait.js';

const scene = useStage();
const company = '/studio/entities/contacts.company';

interface Case {
  readonly kind: string;
  /** What its dialog needs beside a label. */
  readonly needs?: (page: Page) => Promise<void>;
  /** A value as the API takes it; absent: it is computed. `give` finds one that only this workspace has. */
  readonly value?: unknown;
  readonly give?: (app: TestApp) => Promise<unknown>;
}

const dialog = (page: Page) => page.getByRole('dialog');
const choose = (label: string | RegExp, option: string) => (page: Page) =>
  dialog(page)
    .getByLabel(label)
    .selectOption({ label: option })
    .then(() => undefined);
const write = (label: string, text: string) => (page: Page) =>
  dialog(page).getByRole('combobox', { name: label, exact: true }).fill(text);

async function twoOptions(page: Page): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Add an option' }).click();
  await page.keyboard.type('Low');
  await page.keyboard.press('Enter');
  await page.keyboard.type('High');
  await takeEntry(page, 'Colour of High: No colour', 'Green');
  await see(dialog(page).getByRole('button', { name: 'Colour of High: Green' }));
}
async function idOf(app: TestApp, entity: string): Promise<string> {
  const answer = await app.admin.get(`/api/records/${entity}?fields=id&limit=1`);
  return String(answer.body.data[0].id);
}

/** Every kind of the gallery, by its name there. */
const cases: Readonly<Record<string, Case>> = {
  Text: { kind: 'text', value: 'Granite' },
  'Long text': { kind: 'longText', value: 'One\ntwo' },
  'Rich text': { kind: 'richText', value: '<p>Bold</p>' },
  Email: { kind: 'email', value: 'someone@example.com' },
  Phone: { kind: 'phone', value: '+4930123456' },
  'Web address': { kind: 'url', value: 'https://example.com' },
  Address: { kind: 'address', value: { street: 'Ring 1', city: 'Ulm', country: 'DE' } },
  'Whole number': { kind: 'integer', value: 7 },
  'Decimal number': { kind: 'decimal', value: 2.5 },
  Money: { kind: 'money', value: 12.5 },
  Percent: { kind: 'percent', value: 40 },
  Rating: { kind: 'rating', value: 4 },
  Duration: { kind: 'duration', value: 90 },
  'Running number': { kind: 'autoNumber' },
  Choice: { kind: 'choice', needs: twoOptions, value: 'high' },
  'Several choices': { kind: 'multiChoice', needs: twoOptions, value: ['low', 'high'] },
  'Yes or no': { kind: 'boolean', value: true },
  Tags: { kind: 'tags', value: ['north'] },
  Colour: { kind: 'color', value: '#2563eb' },
  Date: { kind: 'date', value: '2026-05-31' },
  'Date and time': { kind: 'dateTime', value: '2026-05-31T10:00:00.000Z' },
  Link: { kind: 'link', needs: choose('Links to', 'Contact'), give: (app) => idOf(app, 'contacts.contact') },
  Links: {
    kind: 'links',
    needs: choose('Links to', 'Contact'),
    give: async (app) => [await idOf(app, 'contacts.contact')],
  },
  'Link to any': {
    kind: 'anyLink',
    needs: async (page) => {
      for (const one of ['Contact', 'Activity']) await dialog(page).getByLabel(one, { exact: true }).check();
    },
    give: async (app) => ({ entity: 'contacts.contact', id: await idOf(app, 'contacts.contact') }),
  },
  User: { kind: 'user', give: (app) => idOf(app, 'core.user') },
  File: { kind: 'file', give: attachment },
  Lines: { kind: 'lines', needs: choose('Related list', 'Parts'), value: [{ name: 'Bolt', price: 3 }] },
  Formula: { kind: 'formula', needs: write('Formula', 'x_kWholeNumber * 2') },
  Rollup: {
    kind: 'rollup',
    needs: async (page) => {
      await choose('Related list', 'Parts')(page);
      await choose('What is computed', 'Sum')(page);
      await choose('Of the field', 'Price')(page);
    },
  },
  Position: { kind: 'geo', value: { latitude: 52.5, longitude: 13.4 } },
  JSON: { kind: 'json', value: { a: 1 } },
  Secret: { kind: 'secret', value: 'hush' },
};
const keyOf = (kind: string): string =>
  `x_k${kind
    .split(' ')
    .map((word) => (word[0] ?? '').toUpperCase() + word.slice(1).toLowerCase())
    .join('')}`;
const labels = Object.keys(cases).map((kind) => ({ label: `K ${kind}`, key: keyOf(kind), ...cases[kind] }));
/** What a list, a form and a file show in their own way. */
const without = (...kinds: string[]) => labels.filter((one) => !kinds.includes(one.kind));

scene(
  'fields of every kind are added to a plugin’s entity, and are in form, list, filter, import, export and API at once',
  {},
  async ({ page, app, open }) => {
    await makeParts(page, open);
    await open(company);
    await page.getByRole('button', { name: 'New field' }).click();
    const offered = await dialog(page).locator('.kind .name').allInnerTexts();
    expect(offered.toSorted()).toEqual(Object.keys(cases).toSorted());
    await page.keyboard.press('Escape');
    await gone(dialog(page));
    for (const [kind, { needs }] of Object.entries(cases)) {
      await addField(page, kind, `K ${kind}`, async () => {
        await needs?.(page);
        const list = dialog(page).getByLabel('Show it in the list');
        if (!(await list.isChecked())) await list.check();
      });
    }
    await applyChanges(page, 'All kinds');

    const body: Record<string, unknown> = { name: 'Quarry' };
    for (const one of labels) {
      const value = one.give ? await one.give(app) : one.value;
      if (value !== undefined) body[one.key] = value;
    }
    const made = expectOk(await app.admin.post('/api/records/contacts.company', body));
    const id = String(made.body.data.id);

    const record = await app.admin.get(`/api/records/contacts.company/${id}`);
    for (const { key } of labels) expect([key, record.body.data[key] ?? null]).not.toEqual([key, null]);
    expect(record.body.data.x_kFormula).toBe(14);
    expect(Number(record.body.data.x_kRollup)).toBe(3);
    const spec = await app.admin.get('/api/openapi.json');
    for (const { key } of labels) expect(spec.text).toContain(`"${key}"`);
    const file = await app.admin.get('/api/records/contacts.company/export?format=csv');
    const exported = (file.text.split('\n')[0] ?? '').split(',');
    for (const { key } of without('secret', 'lines', 'json')) expect(exported).toContain(key);
    const csv = 'Name,K Text,K Choice,K Money\nQuarry,Slate,High,3 EUR';
    const upload = { content: csv, fileName: 'a.csv', fields: { entity: 'contacts.company' } };
    const guess = await app.admin.upload('/api/imports', upload);
    expect(guess.body.data.mapping.map((one) => one.field)).toEqual(['name', 'x_kText', 'x_kChoice', 'x_kMoney']);

    await open(`/records/contacts.company/${id}`);
    for (const { key } of labels) await see(page.locator(`[data-field="${key}"]`));
    await open('/records/contacts.company/new');
    for (const { key } of without('formula', 'rollup', 'autoNumber')) await see(page.locator(`[data-field="${key}"]`));
    await open('/records/contacts.company');
    const columns = await page.getByRole('columnheader').allInnerTexts();
    for (const { label } of labels) expect(columns.map((one) => one.trim())).toContain(label);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await see(page.getByRole('searchbox', { name: 'Find a field' }));
    const filters = (await page.locator('.popover .field').allInnerTexts()).map((one) => one.trim());
    expect(labels.filter(({ label }) => !filters.includes(label))).toEqual([]);
  },
  400_000,
);

scene('a field is retired, restored, retired again and deleted for good', {}, async ({ page, app, open }) => {
  await open('/studio/entities/contacts.contact');
  await addField(page, 'Text', 'Shoe size');
  await applyChanges(page, 'Shoes');
  const at = `/api/records/contacts.contact/${await idOf(app, 'contacts.contact')}`;
  expectOk(await app.admin.patch(at, { x_shoeSize: '43' }));
  const row = page.getByRole('row', { name: /^Shoe size/ });

  await open('/studio/entities/contacts.contact');
  await takeEntry(page, 'Menu of Shoe size', 'Retire');
  await see(row.getByText('Retired'));
  await applyChanges(page, 'No shoes', true);
  expect((await app.admin.get(at)).body.data).not.toHaveProperty('x_shoeSize');

  await open('/studio/entities/contacts.contact');
  await takeEntry(page, 'Menu of Shoe size', 'Restore');
  await gone(row.getByText('Retired'));
  await applyChanges(page, 'Shoes again');
  expect((await app.admin.get(at)).body.data.x_shoeSize).toBe('43');

  await open('/studio/entities/contacts.contact');
  await takeEntry(page, 'Menu of Shoe size', 'Retire');
  await takeEntry(page, 'Menu of Shoe size', 'Delete for good');
  await see(page.getByRole('dialog').getByText('Delete Shoe size and its data for good?'));
  await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click();
  await see(row.getByText('Deleted for good when applied'));
  await applyChanges(page, 'Never again');
  await open('/studio/entities/contacts.contact');
  await see(page.getByRole('button', { name: 'Last name', exact: true }));
  expect(await row.count()).toBe(0);
  expect((await app.admin.get(at)).body.data).not.toHaveProperty('x_shoeSize');
});

/** An entity whose records belong to companies: what lines hold and rollups add up. */
async function makeParts(page: Page, open: (path: string) => Promise<void>): Promise<void> {
  await open('/studio');
  await page.getByRole('button', { name: 'New entity' }).click();
  await dialog(page).getByLabel('Name of one record', { exact: true }).fill('Part');
  await dialog(page).getByTitle('Truck').click();
  await addToChanges(page);
  await addField(page, 'Decimal number', 'Price');
  await addField(page, 'Link', 'Company', async () => {
    await choose('Links to', 'Company')(page);
    await choose('When the linked record is deleted', 'Delete this record too')(page);
    await dialog(page).getByLabel('Key of the list on the other side').fill('x_parts');
  });
}

async function attachment(app: TestApp): Promise<unknown> {
  const made = await app.admin.upload('/api/files', { content: 'hello', fileName: 'a.txt' });
  return made.body.data.id;
}
