import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { accessFaults, keysShown, overflowOf } from './support/audit.js';
import { fillPath, routes } from './support/routes.js';
import { settled, useStage, type SceneOptions } from './support/stage.js';
import { eventually, see } from './support/wait.js';

const scene = useStage();
const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
const contact = '/records/contacts.contact/{contact}';
const company = '/records/contacts.company/{company}';
const sample = [
  'Account Name,Phone,Industry,Employees',
  'Amberfield Optics,+44 20 7946 0111,Machinery,12',
  '白云书店,+86 21 5555 0199,Consulting,8',
  'Lakeside Bakery,none,Food & Beverage,31',
].join('\n');

/** Pictures of the README. Every one is taken at each run, so that none rots; they are written with TRELLIS_SCREENSHOTS=1. */
const pictures: readonly (SceneOptions & { file: string; path: string })[] = [
  { file: 'home', path: '/' },
  { file: 'contacts', path: '/records/contacts.contact' },
  { file: 'record', path: contact },
  { file: 'board', path: '/records/contacts.company?view=contacts.companies-by-type' },
  { file: 'import-preview', path: '/import/contacts.company', height: 1300 },
  { file: 'studio', path: '/studio/entities/contacts.company' },
  { file: 'companies-dark', path: '/records/contacts.company', theme: 'dark' },
  { file: 'home-zh', path: '/', locale: 'zh-CN' },
  { file: 'contacts-zh', path: '/records/contacts.contact', locale: 'zh-CN' },
  { file: 'record-zh-dark', path: contact, locale: 'zh-CN', theme: 'dark' },
  { file: 'phone', path: '/records/contacts.contact', width: 390 },
];

for (const route of routes)
  scene(
    `${route.name}: titled, translated, fits a phone, accessible in both themes`,
    route,
    async ({ page, app, open }) => {
      const path = await fillPath(app, route.path);
      await open(path);
      await eventually(() => page.title(), route.title);
      for (const size of [wide, phone]) {
        await resize(page, size);
        expect(await keysShown(page)).toEqual([]);
        expect(await overflowOf(page)).toBe(0);
        expect(await accessFaults(page, false)).toEqual([]);
      }

      await page
        .locator('html')
        .evaluate((html) => html.ownerDocument.defaultView?.localStorage.setItem('trellis.locale', 'zh-CN'));
      await open(path);
      await eventually(() => page.locator('html').getAttribute('lang'), 'zh-CN');
      expect(await page.title()).toMatch(/Trellis$/);
      expect(await overflowOf(page)).toBe(0);
      expect(await keysShown(page)).toEqual([]);
      await resize(page, wide);
      expect(await keysShown(page)).toEqual([]);
      // What the other theme can break, and nothing else of it: the rules above have judged the rest.
      await showTheme(page, 'dark');
      expect(await accessFaults(page, true)).toEqual([]);
    },
  );

describe('pictures', () => {
  for (const picture of pictures)
    scene(`picture ${picture.file}`, picture, async ({ page, app, open }) => {
      // The start page shows what was opened before.
      if (picture.path === '/') for (const path of [contact, company]) await open(await fillPath(app, path));
      await open(await fillPath(app, picture.path));
      if (picture.file === 'import-preview') {
        const upload = { name: 'accounts.csv', mimeType: 'text/csv', buffer: Buffer.from(sample) };
        await page.locator('input[type="file"]').setInputFiles(upload);
        await see(page.getByRole('region', { name: 'Preview' }).getByRole('table'));
      }
      await settled(page);
      expect(await page.locator('html').getAttribute('lang')).toBe(picture.locale ?? 'en');
      const bytes = await page.screenshot({ animations: 'disabled', caret: 'hide' });
      if (process.env.TRELLIS_SCREENSHOTS === '1')
        await writeFile(join(process.cwd(), 'docs', 'images', `${picture.file}.png`), bytes);
    });
});

async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  // What asks for the width of the window draws itself anew with the next frame.
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  await settled(page);
}

async function showTheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await eventually(() => page.locator('html.dark').count(), colorScheme === 'dark' ? 1 : 0);
  // Who wants no motion gets none: not even colours on their way, which a deep page takes dozens of frames for.
  const transitions = await page
    .locator('html')
    .evaluate(
      (html) =>
        html.getAnimations({ subtree: true }).filter((animation: object) => 'transitionProperty' in animation).length,
    );
  expect(transitions).toBe(0);
}
