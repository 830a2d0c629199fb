import { readFile } from 'node:fs/promises';
import { titlesShown } from './support/list.js';
import { useStage } from './support/stage.js';
import { eventually, gone, see } from './support/wait.js';

const scene = useStage();
const file = [
  'Company name,Phone,Sector,Employees',
  'Amberfield Optics,+44 20 7946 0111,Machinery,12',
  '白云书店,+86 21 5555 0199,Consulting,8',
  'Broken Ltd,+44 20 7946 0112,Consulting,many',
].join('\n');
const nameless = 'Name,Employees\nGood,1\n,2\nBad,many';

scene('imports a file: columns, preview, run, result, undo', {}, async ({ page, open }) => {
  await open('/import/contacts.company');
  await page
    .getByLabel('Drop a file here, or choose one')
    .setInputFiles({ name: 'companies.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await see(page.getByText('3 rows · Companies'));
  await see(page.getByRole('region', { name: 'Columns' }).getByText('guessed'));

  // The guess for "Sector" may be right or missing; it is set here in any case.
  await page.getByRole('combobox', { name: 'Field for the column Sector' }).click();
  await page.locator('.el-select-dropdown__item:visible').filter({ hasText: 'Industry' }).first().click();
  const preview = page.getByRole('region', { name: 'Preview' }).getByRole('table');
  await see(preview.getByText('Amberfield Optics'));
  await see(preview.getByText('Machinery'));
  await see(page.getByText('1 of them would be refused'));

  await page.getByRole('button', { name: 'Import 3 rows' }).click();
  await see(page.getByRole('heading', { name: 'Import finished' }));
  const counts = page.locator('.counts');
  expect((await counts.innerText()).replace(/\s+/g, ' ')).toBe('2 Created 0 Updated 0 Unchanged 1 Refused');
  const [refused] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /Download 1 refused/ }).click(),
  ]);
  expect(await readFile(await refused.path(), 'utf8')).toMatch(/Broken Ltd/);

  await page.getByRole('link', { name: 'Open Companies' }).click();
  await page.getByRole('searchbox', { name: 'Search in Companies' }).fill('白云');
  await eventually(() => titlesShown(page), ['白云书店']);

  await open('/imports');
  await page.getByRole('link', { name: 'companies.csv' }).click();
  await page.getByRole('button', { name: 'Undo the import' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo the import' }).click();
  const taken = page.getByRole('heading', { name: 'Taken back' });
  await see(taken);
  await eventually(() => taken.evaluate((one) => one.matches(':focus')), true);
  // What had been created is no longer there, and says so.
  await see(page.getByText('Nothing of this import is left.'));
  expect((await counts.innerText()).replace(/\s+/g, ' ')).toMatch(/^2 Created, taken back 0 Updated, taken back/);
  await open('/records/contacts.company?q=白云');
  await see(page.getByRole('heading', { name: 'Nothing matches' }));
});

scene('exports a list as it is filtered', {}, async ({ page, open }) => {
  await open(`/records/contacts.company?q=${encodeURIComponent('星海')}`);
  await page.getByRole('button', { name: 'More for this list' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'As CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  const text = await readFile(await download.path(), 'utf8');
  expect(text.trim().split('\n')).toHaveLength(3);
  expect(text).toContain('星海精密仪器');
  await gone(page.getByRole('menu'));
});

scene(
  'counts rows without a required value beforehand, and tells why in Chinese',
  { locale: 'zh-CN' },
  async (given) => {
    const { page, open } = given;
    await open('/import/contacts.company');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'nameless.csv', mimeType: 'text/csv', buffer: Buffer.from(nameless) });
    await see(page.getByText('其中 2 行会被拒绝'));
    await page.getByRole('button', { name: /导入 3 行/ }).click();
    const [refused] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /下载.*2/ }).click(),
    ]);
    const lines = (await readFile(await refused.path(), 'utf8')).trim().split(/\r?\n/);
    expect(lines.slice(1)).toEqual([',2,2,Name：必须填写', 'Bad,many,3,Employees：不是数字（many）']);
  },
);
