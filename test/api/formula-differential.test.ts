import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CATALOG, type CatalogService } from '../../core/catalog/index.js';
import type { EntityModel } from '../../core/schema/index.js';
import { startApp } from '../support/app.js';
import { expectOk } from '../support/client.js';
import { companyFormulas, dealRows, firstDifference, formulaFields, ids } from '../support/formula-differential.js';

const seed = 20261122;
const zone = 'Europe/Berlin';

/** The entity of the expression test as a plugin, with random formulas that nest and follow links. */
function files(): Record<string, unknown> {
  const field = (kind: string, more = {}) => ({ 'x-field': { kind, ...more } });
  const entity = (id: string, properties: object) => ({
    $id: id,
    title: id,
    type: 'object',
    properties,
    'x-entity': { titleField: 'name', ownership: 'none' },
  });
  const link = field('link', { to: 'diff.company' });
  return {
    'diff/plugin.json': { id: 'diff', version: '1.0.0', title: 'Diff', requires: { core: '^0.1.0' } },
    'diff/entities/company.json': entity('diff.company', {
      name: field('text'),
      size: field('decimal'),
      parent: link,
      ...companyFormulas,
    }),
    'diff/entities/deal.json': entity('diff.deal', {
      ...Object.fromEntries(['name', 'note'].map((key) => [key, field('text')])),
      ...Object.fromEntries(['amount', 'rate'].map((key) => [key, field('decimal')])),
      score: field('integer'),
      ...Object.fromEntries(['flag', 'open'].map((key) => [key, field('boolean')])),
      ...Object.fromEntries(['closeDate', 'startDate'].map((key) => [key, field('date')])),
      dueAt: field('dateTime'),
      company: link,
      owner: link,
      team: field('links', { to: 'diff.company' }),
      tags: field('tags'),
      address: field('address'),
      meta: field('json'),
      ...formulaFields(seed, 24),
    }),
  };
}

test('formulas give in SQL what they give in JavaScript: nested, over links, over nulls and deleted targets', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'trellis-formulas-'));
  for (const [path, content] of Object.entries(files())) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), JSON.stringify(content));
  }
  const app = await startApp({ plugins: [dir], env: { TRELLIS_ZONE: zone } });
  try {
    await app.db.query(
      `insert into data.diff__company (id, name, size, parent, deleted_at) values ($1, 'Acme é', 7, $2, null), ($2, null, null, $3, null), ($3, 'Gone', 1, null, now())`,
      ids,
    );
    const rows = dealRows(seed, 80);
    const { text } = expectOk(await app.admin.post('/api/records/diff.deal/bulk?mode=create&atomic=false', rows));
    expect((text.match(/created/g) ?? []).length).toBeGreaterThan(20);
    const { schema } = app.app.get<CatalogService>(CATALOG).current;
    const companies = new Map(
      expectOk(await app.admin.get('/api/records/diff.company')).body.data.map((row) => [
        String(row.id),
        row as unknown as Record<string, unknown>,
      ]),
    );
    const deal = schema.entities.get('diff.deal') as EntityModel;
    expect([...deal.fields.values()].filter((field) => field.formula).length).toBeGreaterThan(80);
    const { body } = expectOk(await app.admin.get('/api/records/diff.deal?limit=500'));
    const moment = { now: new Date(), zone, me: null };
    for (const record of body.data)
      expect(firstDifference(schema, deal, record as unknown as Record<string, unknown>, companies, moment)).toBeNull();
  } finally {
    await app.stop();
    await rm(dir, { recursive: true, force: true });
  }
});
