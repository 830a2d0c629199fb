import type { Page } from 'playwright-core';
import { expectOk } from '../support/client.js';
import { overflowOf } from './support/audit.js';
import { useStage } from './support/stage.js';
import { eventually, see } from './support/wait.js';

const scene = useStage({ seed: 'demo' }, 'fresh');
const company = { type: 'entity', id: 'contacts.company' };
const words = { 'entity:contacts.company': { '/properties/x_vip/title': '贵宾级别' } };
const vip = [
  { ...company, op: 'set', at: '/properties/x_vip', value: { title: 'VIP level', 'x-field': { kind: 'text' } } },
  { type: 'translation', id: 'x.zh-CN', op: 'set', at: '', value: { locale: 'zh-CN', messages: words } },
];

/** As if these had been clicked together in the Studio before. */
async function collected(page: Page, operations: readonly object[]): Promise<void> {
  await page.addInitScript(
    (text) => {
      const { localStorage } = globalThis as unknown as { localStorage: { setItem(key: string, value: string): void } };
      localStorage.setItem('trellis.studio', text);
    },
    JSON.stringify({ operations, draft: null }),
  );
}

scene(
  'what was changed is told in words and in the language of the page, operations on demand',
  { locale: 'zh-CN' },
  async ({ page, app, open }) => {
    expectOk(await app.admin.post('/api/catalog/apply', { reason: 'VIP', operations: vip }), 200);
    await open('/studio/changes');
    const card = page.getByRole('listitem').filter({ hasText: 'VIP' }).first();
    await see(card.getByText('“公司”：新字段“贵宾级别”'));
    expect(await card.getByText('set contacts.company/properties/x_vip').isVisible()).toBe(false);
    await card.getByText('所做的操作').click();
    await see(card.getByText('set contacts.company/properties/x_vip'));

    await open('/studio/entities/contacts.company');
    await see(page.getByRole('heading', { name: '公司', level: 1 }));
    await see(page.getByRole('button', { name: '贵宾级别', exact: true }));
    await page.getByRole('tab', { name: '视图' }).click();
    await eventually(() => page.getByRole('option', { name: '所有公司', exact: true }).count(), 1);
  },
);

scene(
  'a plan warns and refuses in the language of the page, and names things as people do',
  { locale: 'zh-CN', width: 390 },
  async ({ page, open }) => {
    await collected(page, [
      { ...company, op: 'set', at: '/properties/employees/maximum', value: 3 },
      { ...company, op: 'remove', at: '/properties/type/x-field/options/customer' },
      { ...company, op: 'set', at: '/properties/phone/x-field/kind', value: 'date' },
    ]);
    await open('/studio/review');
    await see(page.getByText('“公司”：字段“员工人数”更改'));
    const refused = page.getByRole('region', { name: '问题' }).getByRole('listitem');
    await see(refused.filter({ hasText: '公司 · 电话 此内容不允许更改。' }));
    // What to do about it stays a thing for the server's own words.
    await see(refused.getByText('can only be changed by the plugin'));
    expect(await page.getByRole('link', { name: '检查并应用' }).count()).toBe(0);
    expect(await overflowOf(page)).toBe(0);
  },
);

scene(
  'a plan that fits says in the language of the page what happens to records',
  { locale: 'zh-CN' },
  async (given) => {
    const { page, app, open } = given;
    const made = { name: 'Big', employees: 50, type: 'customer' };
    expectOk(await app.admin.post('/api/records/contacts.company', made), 201);
    await collected(page, [{ ...company, op: 'set', at: '/properties/employees/maximum', value: 3 }]);
    await open('/studio/review');
    const told = page.getByRole('region', { name: '注意事项' }).getByRole('listitem');
    await see(told.filter({ hasText: /公司 · 员工人数：(超过 )?[\d,]+ 条记录的值超出新的限制/ }));
  },
);
