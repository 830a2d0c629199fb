import type { Page } from 'playwright-core';
import { accessFaults, keysShown, overflowOf } from './support/audit.js';
import { fillPath, routes } from './support/routes.js';
import { settled, useStage } from './support/stage.js';
import { eventually } from './support/wait.js';

const scene = useStage();
const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

describe.each(['en', 'zh-CN'] as const)('in %s', (locale) => {
  for (const route of routes)
    scene(
      `${route.name}: titled, translated, fits a phone, accessible in both themes`,
      { locale, as: route.as, refused: route.refused },
      async ({ page, app, open }) => {
        await open(await fillPath(app, route.path));
        if (locale === 'en') await eventually(() => page.title(), route.title);
        else expect(await page.title()).toMatch(/Trellis$/);
        expect(await look(page, locale === 'en')).toEqual([]);
        await page.setViewportSize(phone);
        await settled(page);
        expect(await overflowOf(page)).toBe(0);
        expect(await look(page, locale === 'en')).toEqual([]);
        await page.setViewportSize(wide);
      },
    );
});

/** What is wrong with the page as it is, in both themes. */
async function look(page: Page, withAccess: boolean): Promise<string[]> {
  const found = await keysShown(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await eventually(() => page.locator('html.dark').count(), colorScheme === 'dark' ? 1 : 0);
    if (withAccess) found.push(...(await accessFaults(page)).map((fault) => `${colorScheme}: ${fault}`));
  }
  return found;
}
