import { useStage } from './support/stage.js';
const scene = useStage();
const shot = (page: any, name: string) => page.screenshot({ path: `/tmp/shots/${name}.png` });
scene('list wide', { theme: 'dark' }, async ({ page, open }) => {
  await open('/records/contacts.company?view=contacts.all-companies');
  await page.waitForTimeout(500);
  await shot(page, 'list-dark');
  await page.locator('.totals').screenshot({path:'/tmp/shots/totals.png'});
  console.log(await page.locator('.totals').allInnerTexts());
  await page.getByRole('button', { name: 'Columns' }).click();
  console.log('POPOVER', await page.getByRole('dialog', { name: 'Columns' }).count(), await page.locator('.popover').first().evaluate((e: any) => e.outerHTML.slice(0, 300)));
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  console.log('POPOVER2', await page.locator('.popover').first().evaluate((e: any) => e.outerHTML.slice(0, 300)).catch((e: any) => e.message));
});

scene('popover open', { theme: 'dark' }, async ({ page, open }) => {
  await open('/records/contacts.company');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.waitForTimeout(300);
  await shot(page, 'popover');
});
