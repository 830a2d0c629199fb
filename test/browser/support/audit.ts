import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Serious and critical findings of axe on what the page shows now, by WCAG 2.2 A and AA. */
export async function accessFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    // One page is all there is: no need to open a second one to merge the findings of frames.
    .setLegacyMode(true)
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`));
}

/** By how many pixels the page is wider than its window; what scrolls on its own does not count. */
export function overflowOf(page: Page): Promise<number> {
  return page.locator('html').evaluate((html) => Math.max(0, html.scrollWidth - html.clientWidth));
}

/** Texts that are keys of texts, e.g. `list.selectAll`, in what is read or read out. */
export async function keysShown(page: Page): Promise<string[]> {
  const texts: string[] = await page.locator('body').evaluate((body) => {
    const labels = [...body.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((element) =>
      ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? ''),
    );
    return [...String(body.innerText).split('\n'), ...labels];
  });
  const keys = /^(common|shell|palette|signIn|home|notFound|problem|list|totals|views|filter|operators|settings|record|form|board|trash|import|widgets)(\.\w+)+$/;
  return texts.map((text) => text.trim()).filter((text) => keys.test(text) || /\{\w+\}|undefined|\[object /.test(text));
}
