import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Rows and cards are all alike: the first few stand for the rest, and axe takes seconds for hundreds. */
const alike = [
  '[data-row]:nth-child(n+6)',
  'li[data-id]:nth-child(n+4)',
  'li[data-index]:nth-child(n+5)',
  '.matrix tr.line:nth-child(n+6)',
];

/**
 * Serious and critical findings of axe on what the page shows now, by WCAG 2.2 A and AA; with `contrastOnly` of the one rule
 * that a theme can break.
 */
export async function accessFaults(page: Page, contrastOnly: boolean): Promise<string[]> {
  // What observes its size has drawn itself anew within two frames; what fades in is judged where it comes to rest.
  await page.locator('html').evaluate(async (html) => {
    await new Promise<void>((done) => {
      const view = html.ownerDocument.defaultView;
      view?.requestAnimationFrame(() => view.requestAnimationFrame(() => done()));
    });
    for (const animation of html.getAnimations({ subtree: true })) {
      if (Number.isFinite(animation.effect?.getComputedTiming().endTime)) animation.finish();
    }
  });
  // Once a page: every further run finds axe as fast as the browser has made it by then.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axe);
  const context = { exclude: alike.map((selector) => [selector]) };
  const options: RunOptions = { runOnly: contrastOnly ? ['color-contrast'] : wcag, resultTypes: ['violations'] };
  const { violations } = await page.evaluate<Pick<AxeResults, 'violations'>>(
    `axe.run(${JSON.stringify(context)}, ${JSON.stringify(options)}).then(({ violations }) => ({ violations }))`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
    );
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
  const keys =
    /^(common|shell|palette|signIn|home|notFound|problem|list|totals|views|filter|operators|settings|record|form|board|calendar|map|studio|trash|import|widgets|audit|privacy|notifications)(\.\w+)+$/;
  return texts.map((text) => text.trim()).filter((text) => keys.test(text) || /\{\w+\}|undefined|\[object /.test(text));
}
