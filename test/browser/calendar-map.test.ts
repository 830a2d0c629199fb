import type { Page } from 'playwright-core';
import type { TestApp } from '../support/app.js';
import { accessFaults, overflowOf } from './support/audit.js';
import { useStage } from './support/stage.js';
import { atAddress, eventually, gone, see } from './support/wait.js';

const scene = useStage();

scene(
  'a calendar shows records on their days; one is dragged to another, or opened by keyboard',
  {},
  async ({ page, app, open }) => {
    await apply(app, [
      {
        type: 'view',
        id: 'x.calendar',
        op: 'set',
        at: '',
        value: {
          entity: 'contacts.activity',
          title: 'Calendar',
          type: 'calendar',
          columns: [{ field: 'subject' }],
          calendar: { start: 'dueDate', color: 'status' },
          filter: "CONTAINS(subject, 'Calendar test')",
        },
      },
    ]);
    // In the middle of a month: at its end another one would be shown, by the zone.
    await page.clock.setFixedTime('2026-06-15T12:00:00Z');
    const thisMonth = (date: number): string => `2026-06-${date}`;
    const made = await app.admin.post('/api/records/contacts.activity', {
      subject: 'Calendar test',
      type: 'task',
      dueDate: thisMonth(10),
    });
    expect(made.status).toBe(201);
    await open('/records/contacts.activity?view=x.calendar');
    const event = page.locator('.calendar').getByText('Calendar test').first();
    await see(event);
    const [from, to] = [
      await event.boundingBox(),
      await page
        .locator(`[data-date="${thisMonth(17)}"]`)
        .first()
        .boundingBox(),
    ];
    if (from === null || to === null) throw new Error('The event or the day is not drawn.');
    await page.mouse.move(from.x + 20, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(from.x + 30, from.y + 30, { steps: 4 });
    await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 12 });
    await page.mouse.up();
    const dueDate = async () =>
      (await app.admin.get(`/api/records/contacts.activity/${made.body.data.id}?fields=dueDate`)).body.data.dueDate;
    await eventually(dueDate, thisMonth(17));
    await open('/records/contacts.activity?view=x.calendar');
    await see(event);
    await page.locator('.calendar [tabindex="0"]').filter({ hasText: 'Calendar test' }).first().focus();
    await page.keyboard.press('Enter');
    await atAddress(page, `peek=${made.body.data.id}`);
    await bothThemes(page);
  },
);

scene('a map shows records at their places, and says how many have none', {}, async ({ page, app, open }) => {
  await apply(app, [
    {
      type: 'entity',
      id: 'contacts.company',
      op: 'set',
      at: '/properties/x_place',
      value: { title: 'Place', 'x-field': { kind: 'geo' } },
    },
    {
      type: 'view',
      id: 'x.map',
      op: 'set',
      at: '',
      value: {
        entity: 'contacts.company',
        title: 'Map',
        type: 'map',
        columns: [{ field: 'name' }],
        map: { location: 'x_place' },
      },
    },
  ]);
  await open('/records/contacts.company?view=x.map');
  await see(page.getByRole('heading', { name: 'None of these Companies has a position' }));
  const { body } = await app.admin.get('/api/records/contacts.company?limit=2&fields=id,name&sort=name');
  const places = [
    { latitude: 52.5, longitude: 13.4 },
    { latitude: 31.2, longitude: 121.5 },
  ];
  for (const [i, place] of places.entries())
    await app.admin.patch(`/api/records/contacts.company/${body.data[i].id}`, { x_place: place });
  await open('/records/contacts.company?view=x.map');
  const first = page.getByRole('button', { name: String(body.data[0].name), exact: true });
  await see(first);
  await page.getByRole('button', { name: 'Nearer' }).click();
  await page.getByRole('button', { name: 'Farther' }).click();
  await first.focus();
  await page.keyboard.press('Enter');
  await see(
    page.getByRole('complementary', { name: 'Record' }).getByRole('heading', { name: String(body.data[0].name) }),
  );
  await bothThemes(page);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 390, height: 844 });
  await gone(page.getByRole('complementary', { name: 'Record' }));
  expect(await overflowOf(page)).toBe(0);
});

async function apply(app: TestApp, operations: readonly object[]): Promise<void> {
  const answer = await app.admin.post('/api/catalog/apply', { reason: 'For a test', operations });
  expect([answer.status, answer.body.code]).toEqual([200, undefined]);
}

async function bothThemes(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await eventually(() => page.locator('html.dark').count(), colorScheme === 'dark' ? 1 : 0);
    expect(await accessFaults(page, colorScheme === 'dark')).toEqual([]);
  }
}
