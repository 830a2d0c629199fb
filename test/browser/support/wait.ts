import type { Locator, Page } from 'playwright-core';

/** Waits until the thing is visible. */
export function see(thing: Locator): Promise<void> {
  return thing.first().waitFor({ state: 'visible' });
}

/** Waits until the thing is hidden or gone. */
export function gone(thing: Locator): Promise<void> {
  return thing.first().waitFor({ state: 'hidden' });
}

/** Reads again until the value is the expected one; fails with the last value read. */
export async function eventually<T>(read: () => Promise<T> | T, expected: unknown, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      expect(await read()).toEqual(expected);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Waits until the address holds all of the words, decoded. */
export function atAddress(page: Page, ...words: string[]): Promise<void> {
  return eventually(
    () => words.filter((word) => !decodeURIComponent(page.url()).replaceAll('+', ' ').includes(word)),
    [],
  );
}
