import { createAccess } from '../../access/index.js';
import type { Catalog, CatalogService, Definition } from '../../catalog/index.js';
import { buildSchema } from '../../schema/index.js';
import type { Actor, Ctx } from '../../sdk/index.js';
import { describeCatalog } from '../catalog/describe-catalog.js';
import { describeEntity, type DescribeInput } from '../catalog/describe-entity.js';
import { readableCatalog } from '../catalog/readable.js';
import { describeApi } from './describe-api.js';

const entity = (id: string, properties: Record<string, unknown>): Definition => ({
  type: 'entity',
  id,
  document: {
    $id: id,
    title: id.split('.')[1],
    type: 'object',
    required: ['name'],
    properties,
    'x-entity': { titleField: 'name', titlePlural: `${id.split('.')[1]}s`, icon: 'box' },
  },
});
const text = (title: string): Record<string, unknown> => ({
  title,
  type: 'string',
  maxLength: 100,
  'x-field': { kind: 'text' },
});

const entities = [
  entity('crm.company', {
    name: text('Name'),
    rating: { title: 'Rating', type: 'number', 'x-field': { kind: 'decimal' } },
    secretCode: text('Secret code'),
  }),
  entity('crm.person', {
    name: text('Name'),
    company: {
      title: 'Company',
      'x-field': { kind: 'link', to: 'crm.company', inverse: { key: 'people', title: 'People' } },
    },
  }),
  entity('crm.vault', { name: text('Name') }),
];
const role: Definition = {
  type: 'role',
  id: 'crm.clerk',
  document: {
    title: 'Clerk',
    grants: [
      { entity: '*', read: 'all', create: true, update: 'own', delete: 'none', export: false },
      { entity: 'crm.vault', read: 'none' },
    ],
    fields: [
      { entity: 'crm.company', field: 'secretCode', access: 'none' },
      { entity: 'crm.company', field: 'rating', access: 'read' },
    ],
  },
};
const views: Definition[] = [
  {
    type: 'view',
    id: 'crm.all',
    document: {
      entity: 'crm.company',
      title: 'All',
      type: 'list',
      columns: [{ field: 'name' }, { field: 'secretCode' }],
      sort: ['-secretCode', 'name'],
    },
  },
  {
    type: 'view',
    id: 'crm.leak',
    document: {
      entity: 'crm.company',
      title: 'Leak',
      type: 'list',
      columns: [{ field: 'name' }],
      filter: 'STARTS_WITH(secretCode, "a")',
    },
  },
  {
    type: 'view',
    id: 'crm.vaults',
    document: { entity: 'crm.vault', title: 'Vaults', type: 'list', columns: [{ field: 'name' }] },
  },
];

let ids = 0;
const { schema } = buildSchema(
  { entities, extensions: [] } as never,
  () => `00000000-0000-7000-8000-${String(++ids).padStart(12, '0')}`,
);
const all = [...entities, role, ...views];
const catalog: Catalog = {
  epoch: 1,
  schema,
  layers: [],
  locales: ['en'],
  definitions: (type) =>
    new Map(all.filter((definition) => definition.type === type).map((definition) => [definition.id, definition])),
  localized: (definition) => definition.document,
  textsOf: () => ({}),
  provenance: () => null,
  origins: () => new Map(),
  retiredFields: () => [],
};
const access = createAccess({
  catalog: { current: catalog } as CatalogService,
  cursorKey: new Uint8Array(32),
  collation: '"C"',
});

function inputFor(actor: Actor): DescribeInput {
  const ctx = {
    actor,
    now: () => new Date(0),
    workspace: { name: 'Test', locale: 'en', zone: 'UTC', currency: 'EUR', region: 'DE' },
  } as unknown as Ctx;
  return { access, ctx, catalog, locale: 'en', readable: readableCatalog(access, ctx, catalog) };
}
const clerk = inputFor({
  kind: 'user',
  userId: 'u',
  name: 'Clerk',
  roles: ['crm.clerk'],
  principals: ['u'],
  credential: null,
  securityEpoch: 1,
  scopes: null,
});
const system = inputFor({ kind: 'system', reason: 'test', onBehalfOf: null });

function openapi(input: DescribeInput): {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, { properties: object }> };
} {
  const described = [...input.readable.entities.values()].map((model) => ({
    model,
    described: describeEntity(input, model),
  }));
  return describeApi({
    routes: [{ method: 'GET', path: '/api/files/:id', spec: { summary: 'Download' } }],
    entities: described,
    workspace: 'Test',
  }) as never;
}

test('what one may not read is nowhere in the catalog or the description of the API', () => {
  const told = JSON.stringify([describeCatalog(clerk, { currencies: [], plugins: [] }), openapi(clerk)]);
  expect(told).not.toMatch(/secretCode|Secret code|vault/i);
  expect(JSON.stringify([describeCatalog(system, { currencies: [], plugins: [] }), openapi(system)])).toMatch(
    /secretCode.*vault/i,
  );
});

test('a view loses unreadable columns and sorts; one that filters by an unreadable field is gone', () => {
  const { views: seen } = describeCatalog(clerk, { currencies: [], plugins: [] });
  expect(seen).toEqual([expect.objectContaining({ id: 'crm.all', columns: [{ field: 'name' }], sort: ['name'] })]);
});

test('permissions, read-only fields and related lists are those of the actor', () => {
  const company = describeCatalog(clerk, { currencies: [], plugins: [] }).entities.find(
    ({ id }) => id === 'crm.company',
  );
  expect(company?.permissions).toEqual({
    create: true,
    read: true,
    update: true,
    delete: false,
    purge: false,
    import: false,
    export: false,
    share: false,
    assign: false,
  });
  expect(company?.fields.find(({ key }) => key === 'rating')?.readOnly).toBe(true);
  expect(company?.fields.find(({ key }) => key === 'name')).toMatchObject({
    readOnly: false,
    required: true,
    kind: 'text',
  });
  expect(company?.related).toEqual([
    { key: 'people', title: 'People', entity: 'crm.person', field: 'company', kind: 'link', onDelete: 'setNull' },
  ]);
});

test('the description has the operations that the actor may call, and schemas by kind', () => {
  const api = openapi(clerk);
  expect(Object.keys(api.paths['/api/records/crm.company/{id}']).sort()).toEqual(['get', 'parameters', 'patch']);
  expect(api.paths['/api/records/crm.company/export']).toBeUndefined();
  expect(api.paths['/api/files/{id}']).toMatchObject({ get: { parameters: [{ name: 'id', in: 'path' }] } });
  expect(api.components.schemas.CrmCompany.properties).toMatchObject({ name: { type: 'string', title: 'Name' } });
  expect(Object.keys(api.components.schemas.CrmCompanyInput.properties)).not.toContain('rating');
  expect(Object.keys(openapi(system).paths['/api/records/crm.company/{id}'])).toContain('delete');
});
