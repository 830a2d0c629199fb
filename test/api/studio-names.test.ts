import { startApp, type TestApp } from '../support/app.js';
import { expectOk, type Answer } from '../support/client.js';
import { seed } from '../support/property-seed.js';
import { expectRefused, set, text, thing } from '../support/studio-abuse.js';
import { applyChange, companyField, structureOf, type StudioOperation } from '../support/studio.js';

// Names and texts that an administrator, or who holds the session of one, could try through Studio.
const companies = '/api/records/contacts.company';
let app: TestApp;
let start: string[];
beforeAll(async () => {
  app = await startApp();
  start = await structureOf(app.db);
});
afterAll(() => app?.stop());

const plan = (operations: readonly unknown[]): Promise<Answer> =>
  app.admin.post('/api/catalog/plan', { reason: 'abuse', operations });

describe('names', () => {
  const names = [
    `x_a"; drop table data.contacts__company; --`,
    `x_a'); select pg_sleep(5); --`,
    'x_a`b',
    'x_select from',
    'x_${1}',
    `x_${'a'.repeat(70)}`,
    'x_ñame',
    'x_nаme',
    'x_na​me',
    'x_na‮me',
    'X_Name',
    'x__name',
    'x_a.b',
    'x_a/b',
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    'ctid',
    'x_\u0000',
    '',
  ];
  const view = (more: object): StudioOperation =>
    set('view', 'x.abuse', {
      entity: 'contacts.company',
      title: 'V',
      type: 'list',
      columns: [{ field: 'name' }],
      ...more,
    });
  const step = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
  const places: Readonly<Record<string, (name: string) => StudioOperation>> = {
    'key of a field': (name) =>
      set('entity', 'contacts.company', { title: 'A', 'x-field': { kind: 'integer' } }, `/properties/${step(name)}`),
    'key of a field of an own entity': (name) =>
      set(
        'entity',
        'x.abuse',
        JSON.parse(JSON.stringify(thing('x.abuse', { HERE: text('A') })).replace('"HERE"', JSON.stringify(name))),
      ),
    'id of an entity': (name) => set('entity', `x.${name}`, thing(`x.${name}`)),
    'id of a view': (name) => set('view', `x.${name}`, view({}).value),
    'id of a definition of another': (name) => set('entity', name, thing(name)),
    'target of a link': (name) =>
      companyField('x_link', 'link', { to: name, inverse: { key: 'x_inverse', title: 'I' } }),
    'key of an inverse': (name) =>
      companyField('x_link', 'link', { to: 'contacts.contact', inverse: { key: name, title: 'I' } }),
    'kind of a field': (name) => companyField('x_kind', name),
    'title field': (name) => set('entity', 'x.abuse', thing('x.abuse', {}, { titleField: name })),
    'index columns': (name) => set('entity', 'x.abuse', thing('x.abuse', {}, { indexes: [[name]] })),
    'unique columns': (name) => set('entity', 'x.abuse', thing('x.abuse', {}, { unique: [[name]] })),
    'default sort': (name) => set('entity', 'x.abuse', thing('x.abuse', {}, { defaultSort: [`-${name}`] })),
    'column of a view': (name) => view({ columns: [{ field: name }] }),
    'sort of a view': (name) => view({ sort: [name] }),
    'filter of a view': (name) => view({ filter: `${name} == 1` }),
    'rollup over a field': (name) => companyField('x_roll', 'rollup', { of: 'contacts', fn: 'sum', field: name }),
    'rollup of an inverse': (name) => companyField('x_roll', 'rollup', { of: name, fn: 'count' }),
    formula: (name) => companyField('x_calc', 'formula', { returns: 'integer', expression: `${name} + 1` }),
    'type that a formula returns': (name) => companyField('x_calc', 'formula', { returns: name, expression: '1' }),
    'locale of a translation': (name) => set('translation', `x.${name}`, { locale: name, messages: {} }),
    'id of a rule': (name) =>
      set('entity', 'x.abuse', thing('x.abuse', {}, { rules: [{ id: name, check: 'true', message: { en: 'M' } }] })),
  };

  // Every fifth here, others at each place; all of them in test/soak/studio-names.test.ts.
  const every = Number(process.env.TRELLIS_EVERY_NAME ?? 5);
  const cases = Object.keys(places).map(
    (place, at) => [place, names.filter((_, n) => (n + at + seed) % every === 0)] as const,
  );
  test.each(cases)('hostile as the %s are refused by name, and change nothing', async (place, tried) => {
    for (const name of tried) {
      // Behind a dot, or as a word of a document, a plain word is a name like any other.
      if (/^id of an? (entity|view|rule)$/.test(place) && /^[a-z]+$/i.test(name)) continue;
      const operation = places[place](name);
      expectRefused(await plan([operation]), name);
      expectRefused(await applyChange(app.admin, [operation]), name);
    }
    expect(await structureOf(app.db)).toEqual(start);
  });

  test('in a text they are texts, byte for byte', async () => {
    const attack = names
      .filter((name) => name.length < 40 && name !== '' && !name.includes('\u0000'))
      .join(' ')
      .slice(0, 190);
    const operations = [
      set(
        'entity',
        'contacts.company',
        {
          title: attack,
          description: attack,
          'x-field': { kind: 'choice', options: [{ value: 'a', title: attack }] },
        },
        '/properties/x_words',
      ),
      set(
        'entity',
        'contacts.company',
        { title: 'D', type: 'string', default: attack, 'x-field': { kind: 'text' } },
        '/properties/x_default',
      ),
    ];
    expectOk(await app.admin.post('/api/catalog/apply', { reason: attack, operations }), 200);
    const described = expectOk(await app.admin.get('/api/catalog/entities/contacts.company'), 200).body.data;
    const words = described.fields.find(({ key }) => String(key) === 'x_words');
    expect([words?.title, words?.help, words?.options.map(({ title }) => title)]).toEqual([attack, attack, [attack]]);
    const made = expectOk(await app.admin.post(companies, { name: 'Default' }), 201).body.data;
    expect(made.x_default).toBe(attack);
    const [latest] = (await app.admin.get('/api/catalog/changes?limit=1')).body.data;
    expect(latest.reason).toBe(attack.trim());
  });
});

describe('markup', () => {
  const attack = `<script>alert(1)</script><img src=x onerror=alert(1)>{{constructor.constructor('alert(1)')()}}`;

  test('in labels, helps, options and messages is text', async () => {
    const operations = [
      set(
        'entity',
        'contacts.company',
        { title: attack, description: attack, 'x-field': { kind: 'choice', options: [{ value: 'a', title: attack }] } },
        '/properties/x_markup',
      ),
      set('view', 'x.markup', {
        entity: 'contacts.company',
        title: attack,
        type: 'list',
        columns: [{ field: 'name' }],
      }),
      set('translation', 'x.zh-CN', attack, '/messages/entity:contacts.company/~1properties~1x_markup~1title'),
    ];
    expectOk(await applyChange(app.admin, operations), 200);
    for (const locale of ['en', 'zh-CN']) {
      const answer = expectOk(await app.admin.get(`/api/catalog/entities/contacts.company?locale=${locale}`), 200);
      expect(answer.body.data.fields.find(({ key }) => String(key) === 'x_markup')?.title).toBe(attack);
      expect(answer.headers.get('content-type')).toContain('application/json');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test.each(['"><script>alert(1)</script>', 'javascript:alert(1)', '../../x', 'a b', 'x'.repeat(100)])(
    'an icon %j is refused',
    async (icon) => {
      expectRefused(await plan([set('entity', 'x.iconed', thing('x.iconed', {}, { icon }))]), icon);
      expectRefused(
        await plan([set('navigation', 'x.iconed', { title: 'N', icon, items: [{ entity: 'contacts.company' }] })]),
        icon,
      );
    },
  );

  test('a translation is no template and no way to other words than those that are there', async () => {
    const at = (pointer: string): string => `/messages/entity:contacts.company/${pointer.replaceAll('/', '~1')}`;
    for (const pointer of ['/properties/name/x-field/kind', '/x-entity/titleField', '/$id', '/__proto__/title']) {
      await applyChange(app.admin, [set('translation', 'x.zh-CN', 'secret', at(pointer))]);
      const answer = expectOk(await app.admin.get('/api/catalog/entities/contacts.company?locale=zh-CN'), 200).body
        .data;
      expect([answer.id, answer.titleField, answer.fields.find(({ key }) => String(key) === 'name')?.kind]).toEqual([
        'contacts.company',
        'name',
        'text',
      ]);
    }
  });
});
