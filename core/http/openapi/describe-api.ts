import type { ActionInfo } from '../../actions/index.js';
import type { CatalogEntity } from '../../../schemas/catalog.js';
import type { ReadableEntity } from '../catalog/readable.js';
import type { RouteEntry } from '../route-table.js';
import { actionPaths } from './action-paths.js';
import { entityPaths, entitySchemas } from './entity-paths.js';
import { parameterOf } from './parameters.js';

/** An entity as the actor may see it, with its models. */
export interface DescribedEntity {
  readonly model: ReadableEntity;
  readonly described: CatalogEntity;
}

type Document = Record<string, unknown>;

/**
 * OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0) of what the actor may use: the fixed routes from their specs, the
 * record routes for each entity with schemas from the kinds. Nothing unreadable is in it.
 */
export function describeApi(input: {
  routes: readonly RouteEntry[];
  entities: readonly DescribedEntity[];
  /** Actions that the actor may call. */
  actions?: readonly ActionInfo[];
  workspace: string;
}): Document {
  const paths: Record<string, Document> = {};
  for (const route of input.routes) {
    if (route.spec.isHidden || route.method === 'HEAD' || route.path.startsWith('/api/records/')) continue;
    const path = openPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  Object.assign(paths, actionPaths(input.actions ?? []));
  const schemas: Record<string, Document> = { Problem: problemSchema, Page: pageSchema };
  for (const entity of input.entities) {
    Object.assign(paths, entityPaths(entity));
    Object.assign(schemas, entitySchemas(entity));
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `${input.workspace} API`,
      version: '1',
      description:
        'Records of every entity, files, imports and administration. Sign in by session cookie, or send an API key as a bearer token.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { session: [] }],
    tags: [
      { name: 'System' },
      ...input.entities.map(({ described }) => ({
        name: described.id,
        description: described.description ?? described.titlePlural,
      })),
    ],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, trl_…' },
        session: { type: 'apiKey', in: 'cookie', name: 'trellis_session' },
      },
      schemas,
      responses: {
        Problem: {
          description: 'Refused',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operationOf({ method, path, spec }: RouteEntry): Document {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...(spec.query ?? []).map((name) => parameterOf(name)),
  ];
  const operation: Document = {
    operationId: `${method.toLowerCase()}${path.replace(/^\/api/, '').replace(/[^A-Za-z0-9]+(\w)?/g, (_match, next: string | undefined) => (next ?? '').toUpperCase())}`,
    tags: ['System'],
    summary: spec.summary,
    responses: { '2XX': { description: 'Done' }, default: { $ref: '#/components/responses/Problem' } },
  };
  if (parameters.length > 0) operation.parameters = parameters;
  if (spec.bodySchema)
    operation.requestBody = { required: true, content: { 'application/json': { schema: spec.bodySchema } } };
  if (spec.body === 'multipart')
    operation.requestBody = { required: true, content: { 'multipart/form-data': { schema: multipartSchema(path) } } };
  if (spec.access === 'public') operation.security = [];
  return operation;
}

function multipartSchema(path: string): Document {
  const file = { type: 'string', contentMediaType: 'application/octet-stream' };
  const isImport = path.startsWith('/api/imports');
  return isImport
    ? {
        type: 'object',
        required: ['file', 'entity'],
        properties: { file, entity: { type: 'string' }, options: { type: 'string', description: 'JSON' } },
      }
    : { type: 'object', required: ['file'], properties: { file, entity: { type: 'string' }, id: { type: 'string' } } };
}

function openPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

const problemSchema: Document = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Dotted, e.g. record.not_found' },
    detail: { type: 'string' },
    hint: { type: 'string' },
    requestId: { type: 'string' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'code', 'message'],
        properties: {
          path: { type: 'string' },
          code: { type: 'string' },
          message: { type: 'string' },
          params: { type: 'object' },
        },
      },
    },
  },
};

const pageSchema: Document = {
  type: 'object',
  required: ['limit', 'next'],
  properties: {
    limit: { type: 'integer' },
    next: { type: ['string', 'null'], description: 'Cursor of the next page' },
    count: { type: 'integer' },
  },
};
