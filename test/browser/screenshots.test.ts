import { join } from 'node:path';
import { fillPath } from './support/routes.js';
import { settled, useStage, type SceneOptions } from './support/stage.js';
import { see } from './support/wait.js';

const scene = useStage();
const contact = '/records/contacts.contact/{contact}';
const sample = [
  'Account Name,Phone,Industry,Employees',
  'Amberfield Optics,+44 20 7946 0111,Machinery,12',
  '白云书店,+86 21 5555 0199,Consulting,8',
  'Lakeside Bakery,none,Food & Beverage,31',
].join('\n');

/** Pictures of the README. Every one is taken at each run, so that none rots; they are written with TRELLIS_SCREENSHOTS=1. */
const pictures: readonly (SceneOptions & { file: string; path: string })[] = [
  { file: 'home', path: '/' },
  { file: 'contacts', path: '/records/contacts.contact' },
  { file: 'record', path: contact },
  { file: 'board', path: '/records/contacts.company?view=contacts.companies-by-type' },
  { file: 'import-preview', path: '/import/contacts.company', height: 1300 },
  { file: 'companies-dark', path: '/records/contacts.company', theme: 'dark' },
  { file: 'contacts-zh', path: '/records/contacts.contact', locale: 'zh-CN' },
  { file: 'record-zh-dark', path: contact, locale: 'zh-CN', theme: 'dark' },
  { file: 'phone', path: '/records/contacts.contact', width: 390 },
];

for (const picture of pictures)
  scene(`picture ${picture.file}`, picture, async ({ page, app, open }) => {
    if (picture.file === 'home')
      for (const path of ['{contact}', '{company}'])
        await open(await fillPath(app, `/records/${path === '{contact}' ? 'contacts.contact' : 'contacts.company'}/${path}`));
    await open(await fillPath(app, picture.path));
    if (picture.file === 'import-preview') {
      const upload = { name: 'accounts.csv', mimeType: 'text/csv', buffer: Buffer.from(sample) };
      await page.locator('input[type="file"]').setInputFiles(upload);
      await see(page.getByRole('region', { name: 'Preview' }).getByRole('table'));
    }
    await settled(page);
    const bytes = await page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' });
    expect(bytes.length).toBeGreaterThan(10_000);
    if (process.env.TRELLIS_SCREENSHOTS === '1') {
      const path = join(process.cwd(), 'docs', 'images', `${picture.file}.png`);
      await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    }
  });
