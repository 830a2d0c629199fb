const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';
/** Of a grid the one cell that the keyboard enters by. */
const cell = '[role="gridcell"][tabindex="0"]';
/** What the focus does not leave by itself. */
const bounds = '[role="dialog"], main, body';

/**
 * Gives the keyboard its place back. What has the focus may be disabled while something is saved, or go with what it did (a chip that is
 * taken away, a bar that closes); the browser then forgets where one was. Whoever points does not need it. To be called once.
 */
export function keepFocus(): void {
  /** What had it, the latest last. */
  let trail: HTMLElement[] = [];
  let byKeyboard = false;
  addEventListener('keydown', () => (byKeyboard = true), true);
  addEventListener('pointerdown', () => (byKeyboard = false), true);
  const note = ({ target }: FocusEvent): void => {
    if (target instanceof HTMLElement) trail = [...trail.filter((one) => one !== target).slice(-7), target];
  };
  addEventListener('focusin', note, true);
  new MutationObserver((changes) => {
    const had = trail.at(-1);
    if (had === undefined || !byKeyboard || !isLost()) return;
    const isBack = changes.some(({ type, target }) => type === 'attributes' && target.contains(had));
    if (had.isConnected) return void (isBack && had.matches(focusable) && had.focus());
    const gap = gapOf(had, changes);
    if (gap === null) return;
    // Dialogs, menus and pages that know better where it goes have done so two frames later.
    afterFrames(() => {
      if (trail.at(-1) !== had || !isLost()) return;
      const place = gap.target.isConnected ? (gap.target as Element) : document.body;
      const opener = place === document.body ? trail.findLast(isStop) : undefined;
      (opener ?? refuge(place, gap.previousSibling)).focus();
    });
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] });
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function afterFrames(run: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(run));
}

/** The removal that left a gap in what is still there; null: nothing of it was seen. */
function gapOf(gone: Node, changes: MutationRecord[]): MutationRecord | null {
  const gap = changes.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(gone)));
  if (gap === undefined) return null;
  return gap.target.isConnected ? gap : gapOf(gap.target, changes);
}

/** The nearest to what stood in `here` behind `before`: what follows there now, else what comes before it, else around it. */
function refuge(here: Element, before: Node | null): HTMLElement {
  const nodes = [...here.children];
  const above = before instanceof CharacterData ? before.previousElementSibling : (before as Element | null);
  const at = above === null ? 0 : nodes.indexOf(above) + 1;
  const near =
    firstOf(nodes.slice(at), (node) => stopsIn(node)[0]) ??
    firstOf(nodes.slice(0, at).reverse(), (node) => stopsIn(node).at(-1));
  if (near) return near;
  if (here.matches(bounds) || here.parentElement === null)
    return here.querySelector<HTMLElement>('[data-page-title]') ?? (here as HTMLElement);
  return refuge(here.parentElement, here.previousElementSibling);
}

function firstOf(nodes: Element[], find: (node: Element) => HTMLElement | undefined): HTMLElement | undefined {
  for (const node of nodes) {
    const found = find(node);
    if (found) return found;
  }
  return undefined;
}

function stopsIn(node: Element): HTMLElement[] {
  const entry = node.querySelector<HTMLElement>(cell);
  if (entry) return [entry];
  return ([node, ...node.querySelectorAll(focusable)] as HTMLElement[]).filter(isStop);
}

function isStop(one: HTMLElement): boolean {
  return one.isConnected && one.matches(focusable) && one.tabIndex >= 0 && one.checkVisibility();
}
