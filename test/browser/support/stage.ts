import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { ADMIN, startApp, type AppOptions, type TestApp } from '../../support/app.js';
import { launchChromium } from '../../support/chromium.js';
import { watchFaults } from './faults.js';
import { eventually } from './wait.js';

type SessionState = Exclude<BrowserContextOptions['storageState'], string | undefined>;

const cookie = { domain: '127.0.0.1', path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' } as const;

export interface SceneOptions {
  /** Absent: the administrator; null: nobody. */
  readonly as?: null;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  readonly locale?: 'en' | 'zh-CN';
  /** Requests that this scene wants refused, e.g. `401 /api/session`: the browser says so on its console. */
  readonly refused?: RegExp;
}

export interface Scene {
  readonly page: Page;
  readonly app: TestApp;
  /** The page at a path of the application, when it has nothing left to load. */
  open(path: string): Promise<void>;
}

/**
 * The real application with demo data and a real browser, for all scenes of a file. A scene is a test with a page of its own
 * in a profile of all scenes alike, which need not fetch and compile the admin anew and find it with nothing remembered, or with
 * `profiles: 'fresh'`, for what signs in and out or counts what is fetched, in a fresh one. It fails if the page says anything on its
 * console, throws, or breaks the content security policy.
 * A failed scene leaves a screenshot in the temporary folder.
 */
export function useStage(options: AppOptions = { seed: 'demo' }, profiles: 'fresh' | 'shared' = 'shared') {
  let app: TestApp;
  let browser: Browser;
  const kept = new Map<string, Promise<BrowserContext>>();
  let known: Promise<SessionState> | undefined;
  const session = () => (known ??= signIn(app));
  const profileFor = (given: SceneOptions): Promise<BrowserContext> => {
    const make = async () => newContext(browser, given, given.as === null ? undefined : await session());
    if (profiles === 'fresh') return make();
    const key = [given.as === null, given.width, given.height, given.theme, given.locale].join();
    const found = kept.get(key) ?? make();
    kept.set(key, found);
    return found;
  };

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(options), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
  });

  return function scene(
    name: string,
    given: SceneOptions,
    play: (scene: Scene) => Promise<void>,
    timeoutMs?: number,
  ): void {
    test(
      name,
      async () => {
        const context = await profileFor(given);
        const page = await context.newPage();
        try {
          const faults = watchFaults(page, given.refused);
          await play({ page, app, open: (path) => openPage(page, app.url + path) }).catch(async (error: unknown) => {
            const picture = await takePicture(page, name);
            const said = faults.length > 0 ? `\nThe page said:\n${faults.join('\n')}` : '';
            throw new Error(`${(error as Error).message}${said}\nScreenshot: ${picture}`, { cause: error });
          });
          expect(faults).toEqual([]);
        } finally {
          if (profiles === 'fresh') await context.close();
          else await page.evaluate(forget).finally(() => page.close());
        }
      },
      timeoutMs,
    );
  };
}

/** The administrator's session, as a browser keeps it. `startApp` may have replaced a one-time password. */
async function signIn(app: TestApp): Promise<SessionState> {
  for (const password of [ADMIN.password, `${ADMIN.password}-2`]) {
    const answer = await app.anonymous.post('/api/session', { email: ADMIN.email, password });
    const [name, value] = (answer.headers.get('set-cookie') ?? '').split(';')[0].split('=');
    if (answer.status < 300) return { cookies: [{ ...cookie, name, value }], origins: [] };
  }
  throw new Error('The administrator cannot sign in.');
}

async function newContext(browser: Browser, given: SceneOptions, storageState?: SessionState): Promise<BrowserContext> {
  const width = given.width ?? 1440;
  const context = await browser.newContext({
    viewport: { width, height: given.height ?? (width < 640 ? 844 : 900) },
    colorScheme: given.theme ?? 'light',
    locale: given.locale ?? 'en',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    storageState,
  });
  // The first load of a page may take a busy machine many times what it takes here.
  context.setDefaultTimeout(60_000);
  // As if chosen on this machine before: else the profile's language comes first.
  if (given.locale) await context.addInitScript(chooseLocale, given.locale);
  return context;
}

function forget(): void {
  const { localStorage } = globalThis as unknown as { localStorage: { clear(): void } };
  localStorage.clear();
}

function chooseLocale(locale: string): void {
  const { localStorage } = globalThis as unknown as { localStorage: { setItem(key: string, value: string): void } };
  localStorage.setItem('trellis.locale', locale);
}

async function openPage(page: Page, url: string): Promise<void> {
  await page.goto(url, { waitUntil: 'load' });
  await settled(page);
}

/** Waits until the page shows its title and nothing is being fetched or drawn as a skeleton. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  await eventually(() => page.locator('.skeleton, [aria-busy="true"]').count(), 0);
}

async function takePicture(page: Page, name: string): Promise<string> {
  const folder = join(tmpdir(), 'trellis-browser');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name.replace(/[^\w]+/g, '-').slice(0, 80)}.png`);
  await page.screenshot({ path }).catch(() => undefined);
  return path;
}
