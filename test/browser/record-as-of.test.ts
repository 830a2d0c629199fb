import { resolve } from 'node:path';
import { expectOk, type Loose } from '../support/client.js';
import { useStage } from './support/stage.js';
import { see } from './support/wait.js';

const scene = useStage({ seed: 'none', plugins: [resolve('test/fixtures/computed')] });

scene(
  'a record as it was shows its lines, links and totals of then, to be read only',
  {},
  async ({ page, open, app }) => {
    const make = async (entity: string, values: object): Promise<Loose> =>
      expectOk(await app.admin.post(`/api/records/shop.${entity}`, values), 201).body.data;
    const patch = async (entity: string, id: unknown, values: object): Promise<Loose> =>
      expectOk(await app.admin.patch(`/api/records/shop.${entity}/${String(id)}`, values)).body.data;
    const customer = await make('customer', { name: 'Ada' });
    const order = await make('order', {
      name: 'Desk',
      gift: 'x',
      customer: customer.id,
      lines: [
        { name: 'Legs', quantity: 4, price: 5 },
        { name: 'Top', quantity: 1, price: 80 },
      ],
    });
    const [legs] = order.lines as unknown as Loose[];
    await patch('customer', customer.id, { name: 'Grace' });
    await patch('order', order.id, { name: 'Stool', lines: [{ id: String(legs.id), quantity: 3 }] });

    await open(`/records/shop.order/${String(order.id)}`);
    await page
      .getByRole('button', { name: /^As it was on/ })
      .last()
      .click();
    const dialog = page.getByRole('dialog', { name: 'As it was' });
    await see(page.locator('[role="dialog"]:focus').and(dialog));
    expect(await page.locator('.el-picker-panel:visible').count()).toBe(0);
    const grid = dialog.locator('[data-field="lines"]').getByRole('table');
    await see(grid.getByRole('row', { name: /Legs 4/ }));
    await see(grid.getByRole('row', { name: /Top 1/ }));
    await see(dialog.locator('[data-field="name"]').getByText('Desk'));
    await see(dialog.locator('[data-field="customer"]').getByText('Ada'));
    await see(dialog.locator('[data-field="quantity"]').getByText('5', { exact: true }));
    expect(await dialog.getByRole('button', { name: /^Edit / }).count()).toBe(0);
    expect(await dialog.getByText('Left out').count()).toBe(0);
  },
);

scene(
  'what is typed for a date and is none stays, with the reason, and is corrected there',
  { refused: /^422 / },
  async ({ page, open, app }) => {
    const { id } = expectOk(await app.admin.post('/api/records/shop.order', { name: 'o', gift: 'x' }), 201).body.data;
    await open(`/records/shop.order/${String(id)}`);
    const due = page.locator('[data-field="due"]');
    await due.hover();
    await due.getByRole('button', { name: 'Edit due' }).click();
    await due.locator('input').fill('next Friday');
    await due.locator('input').press('Tab');
    await see(due.locator('input[aria-invalid="true"]'));
    expect(await due.locator('input').inputValue()).toBe('next Friday');
    await due.getByRole('button', { name: 'Save' }).click();
    await see(due.getByRole('alert'));
    expect(await due.locator('input').inputValue()).toBe('next Friday');
    await due.locator('input').fill('2031-2-3');
    await due.locator('input').press('Tab');
    // A date that is one ends the edit.
    await see(due.getByText(/2031/));
    expect(expectOk(await app.admin.get(`/api/records/shop.order/${String(id)}`)).body.data.due).toBe('2031-02-03');
  },
);
