import type { Page } from 'playwright-core';
import { accessFaults, keysShown, overflowOf } from './support/audit.js';
import { fillPath, routes } from './support/routes.js';
import { settled, useStage } from './support/stage.js';
import { eventually } from './support/wait.js';

const scene = useStage();
const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

for (const route of routes)
  scene(`${route.name}: titled, translated, fits a phone, accessible in both themes`, route, async ({ page, app, open }) => {
    const path = await fillPath(app, route.path);
    await open(path);
    await eventually(() => page.title(), route.title);
    for (const size of [wide, phone]) {
      await resize(page, size);
      expect(await keysShown(page)).toEqual([]);
      expect(await accessFaultsOfThemes(page)).toEqual([]);
    }
    expect(await overflowOf(page)).toBe(0);

    await page.locator('html').evaluate(() => localStorage.setItem('trellis.locale', 'zh-CN'));
    await open(path);
    await eventually(() => page.locator('html').getAttribute('lang'), 'zh-CN');
    expect(await page.title()).toMatch(/Trellis$/);
    expect(await overflowOf(page)).toBe(0);
    expect(await keysShown(page)).toEqual([]);
    await resize(page, wide);
    expect(await keysShown(page)).toEqual([]);
  });

async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  await settled(page);
}

async function accessFaultsOfThemes(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await eventually(() => page.locator('html.dark').count(), colorScheme === 'dark' ? 1 : 0);
    const found = await accessFaults(page, colorScheme === 'dark');
    faults.push(...found.map((fault) => `${colorScheme}: ${fault}`));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  return faults;
}
