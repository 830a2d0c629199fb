import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { linesOf, verifyApp } from '../support/verify.js';

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures', name);

let app: TestApp;
afterEach(() => app?.stop());

test('vault', async () => {
  app = await startApp({ plugins: [fixture('vault')] });
  const report = await verifyApp(app, {
    entities: ['vault.item', 'vault.box', 'vault.safe'],
    roles: ['vault.keeper', 'core.member'],
    ...(process.env.ACTORS ? { sample: { seed: 1, actors: Number(process.env.ACTORS) } } : {}),
    onActor: (name, n) => console.log(new Date().toISOString(), name, n),
  });
  console.log(JSON.stringify({ ...report, findings: report.findings.length }, null, 1));
  console.log(linesOf(report).slice(0,60).join('\n'));
  expect(linesOf(report)).toEqual([]);
});

test('computed', async () => {
  app = await startApp({ plugins: [fixture('computed/shop')] });
  const report = await verifyApp(app, {
    entities: ['shop.order', 'shop.orderLine', 'shop.customer', 'shop.region'],
    roles: ['shop.clerk', 'shop.owner', 'shop.blind', 'core.member'],
    ...(process.env.ACTORS ? { sample: { seed: 1, actors: Number(process.env.ACTORS) } } : {}),
    onActor: (name, n) => console.log(new Date().toISOString(), name, n),
  });
  console.log(JSON.stringify({ ...report, findings: report.findings.length }, null, 1));
  console.log(linesOf(report).slice(0,60).join('\n'));
  expect(linesOf(report)).toEqual([]);
});
test('contacts', async () => {
  app = await startApp();
  const report = await verifyApp(app, {
    entities: ['contacts.contact', 'contacts.company', 'contacts.activity'],
    roles: ['core.member'],
    ...(process.env.ACTORS ? { sample: { seed: 1, actors: Number(process.env.ACTORS) } } : {}),
    onActor: (name, n) => console.log(new Date().toISOString(), name, n),
  });
  console.log(JSON.stringify({ ...report, findings: report.findings.length }, null, 1));
  console.log(linesOf(report).slice(0,60).join('\n'));
  expect(linesOf(report)).toEqual([]);
});
