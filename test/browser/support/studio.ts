import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { ADMIN, type TestApp } from '../../support/app.js';
import { expectOk, type Client, type Loose } from '../../support/client.js';
import { accessFaults } from './audit.js';
import { settled } from './stage.js';
import { eventually, gone, see } from './wait.js';

/** A definition as everybody has it. */
export const definition = async (client: Client, type: string, id: string): Promise<Loose> =>
  expectOk(await client.get(`/api/catalog/definitions/${type}/${id}`), 200).body.data.document;
/** The first definition of a type over an entity. */
export const firstOf = async (client: Client, type: string, entity: string): Promise<{ id: string }> => {
  const { data } = (await client.get(`/api/catalog/definitions?type=${type}`)).body;
  return (data as unknown as { id: string; entity: string }[]).find((one) => one.entity === entity)!;
};
/** The card of a change set in the history. */
export const cardOf = (page: Page, reason: string): Locator =>
  page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: new RegExp(`^${reason}\\b`) }) })
    .first();
/** What stands in inputs. */
export const values = (inputs: unknown[]): string[] => (inputs as { value: string }[]).map(({ value }) => value);
/** The label of what has the focus. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      (
        globalThis as never as { document: { activeElement: { getAttribute(name: string): string } } }
      ).document.activeElement.getAttribute('aria-label') ?? '',
  );

/** A page of somebody, absent: of the administrator of a system, in a profile of its own. */
export async function signedIn(
  page: Page,
  app: TestApp,
  as?: { readonly email: string; readonly password: string },
): Promise<Page> {
  const browser = page.context().browser() as Browser;
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(60_000);
  const { email, password } = as ?? ADMIN;
  for (const tried of [password, `${password}-2`]) {
    const answer = await context.request.post(`${app.url}/api/session`, { data: { email, password: tried } });
    if (answer.ok()) return context.newPage();
  }
  throw new Error(`${email} cannot sign in.`);
}

/** Chooses a file of JSON on the page of packages. */
export async function upload(page: Page, name: string, content: object): Promise<void> {
  const buffer = Buffer.from(JSON.stringify(content));
  await page.locator('input[type="file"]').setInputFiles({ name, mimeType: 'application/json', buffer });
}

/** What a click hands out. */
export async function download(page: Page, click: () => Promise<void>): Promise<{ name: string; content: object }> {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: file.suggestedFilename(), content: JSON.parse(await readFile(await file.path(), 'utf8')) as object };
}

/** Takes a side of a conflict; `shows`: what its plan must tell. */
export async function choose(page: Page, card: Locator, side: string, shows?: string): Promise<void> {
  await card.getByRole('button', { name: side }).click();
  const dialog = page.getByRole('dialog', { name: side });
  if (shows !== undefined) await see(dialog.getByText(shows, { exact: true }));
  await dialog.getByRole('button', { name: side }).click();
  await gone(dialog);
  await gone(card.getByRole('button', { name: side }));
}

/** Reviews what was collected, and applies it. */
export async function apply(page: Page, reason: string): Promise<void> {
  await page.getByRole('link', { name: 'Review and apply' }).click();
  await page.getByLabel('Why').fill(reason);
  await page.getByRole('button', { name: 'Apply to everybody' }).click();
  await see(page.getByRole('heading', { name: 'Change history', level: 1 }));
  await settled(page);
}

/** Drags by a handle to just past the middle of another one. */
export async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  if (start === null || end === null) throw new Error('A handle is not drawn.');
  const isDown = end.y > start.y;
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2 + (isDown ? 6 : -6), { steps: 3 });
  const [x, y] = [end.x + end.width / 2, end.y + end.height * (isDown ? 0.9 : 0.1)];
  await page.mouse.move(x, y, { steps: 12 });
  // The list follows the mouse at its own pace: it is moved on until what is dragged lies under it, where it stays.
  for (let nudge = 0; nudge < 12; nudge++) {
    await page.mouse.move(x + (nudge % 2), y);
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  }
  await page.mouse.up();
}

/** Accessible in the light and in the dark. */
export async function bothThemes(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await eventually(() => page.locator('html.dark').count(), colorScheme === 'dark' ? 1 : 0);
    expect(await accessFaults(page, colorScheme === 'dark')).toEqual([]);
  }
}
