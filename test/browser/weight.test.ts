import { gzipSync } from 'node:zlib';
import type { Response } from 'playwright-core';
import { useStage } from './support/stage.js';

const scene = useStage({ seed: 'demo' }, 'fresh');
const atMostKb = 450;

scene('the first list loads scripts and styles of at most 450 KB, gzipped', {}, async ({ page, open }) => {
  const answers: Response[] = [];
  page.on('response', (answer) => /\.(js|css)$/.test(new URL(answer.url()).pathname) && answers.push(answer));
  await open('/records/contacts.contact');
  const sizes = await Promise.all(answers.map(async (answer) => gzipSync(await answer.body()).length));
  const kb = sizes.reduce((sum, size) => sum + size, 0) / 1024;
  expect(sizes.length).toBeGreaterThan(5);
  expect(kb).toBeLessThanOrEqual(atMostKb);
});

scene('the picker of dates and its like come when somebody begins to do something', {}, async ({ page, open }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await open('/records/contacts.contact');
  expect(asked.filter((path) => /\/inputs-/.test(path))).toEqual([]);
  const arrived = page.waitForResponse((answer) => /\/inputs-.*\.js$/.test(answer.url()));
  await page.keyboard.press('Shift');
  await arrived;
});
