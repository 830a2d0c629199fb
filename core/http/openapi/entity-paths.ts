import type { DescribedEntity } from './describe-api.js';
import { parameterOf } from './parameters.js';

type Document = Record<string, unknown>;

/** Name of an entity's schema: `contacts.company` → `ContactsCompany`. */
export function schemaName(entity: string): string {
  return entity.replace(/(^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_match, _separator: string, letter: string) =>
    letter.toUpperCase(),
  );
}

/** Schemas of what is read and what is written of an entity. */
export function entitySchemas({ model, described }: DescribedEntity): Record<string, Document> {
  const name = schemaName(described.id);
  const read: Record<string, Document> = {};
  const written: Record<string, Document> = {};
  for (const field of described.fields) {
    const fieldModel = model.fields.get(field.key)?.model;
    if (fieldModel === undefined) continue;
    const text = { title: field.title, ...(field.help ? { description: field.help } : {}) };
    const readSchema = {
      ...(fieldModel.kind.readSchema?.(fieldModel) ?? fieldModel.kind.valueSchema(fieldModel)),
      ...text,
    };
    const isAlways = field.required || ['id', 'createdAt', 'version'].includes(field.key);
    read[field.key] = isAlways ? readSchema : orNull(readSchema);
    if (field.currencyField !== undefined) read[field.currencyField] ??= orNull(currency);
    if (field.readOnly) continue;
    const schema = { ...field.schema, ...text };
    written[field.key] = field.required ? schema : orNull(schema);
    if (field.currencyField !== undefined) written[field.currencyField] = orNull(currency);
  }
  const required = described.fields
    .filter((field) => field.required && !field.readOnly && field.default === undefined)
    .map((field) => field.key);
  return {
    [name]: { type: 'object', title: described.title, properties: read },
    [`${name}Input`]: {
      type: 'object',
      title: described.title,
      additionalProperties: false,
      ...(required.length > 0 ? { required } : {}),
      properties: written,
    },
    [`${name}Patch`]: { type: 'object', title: described.title, additionalProperties: false, properties: written },
  };
}

/** Paths of an entity's records, those that the actor's roles allow at all. */
export function entityPaths({ described }: DescribedEntity): Record<string, Document> {
  const { id, permissions: may, title, titlePlural } = described;
  const name = schemaName(id);
  const base = `/api/records/${id}`;
  const one = { $ref: `#/components/schemas/${name}` };
  const op = (verb: string, summary: string, more: Document): Document => ({
    operationId: `${verb}${name}`,
    tags: [id],
    summary,
    ...more,
  });
  const listAnswer = answer({
    type: 'object',
    required: ['data', 'page'],
    properties: { data: { type: 'array', items: one }, page: { $ref: '#/components/schemas/Page' } },
  });
  const oneAnswer = answer({ type: 'object', required: ['data'], properties: { data: one } });
  const dryRun = parameterOf('dryRun');
  const paths: Record<string, Document> = {
    [base]: {
      get: op('list', `List ${titlePlural}`, {
        parameters: ['filter', 'sort', 'fields', 'q', 'limit', 'after', 'count', 'deleted'].map(parameterOf),
        responses: responses(200, listAnswer),
      }),
    },
    [`${base}/query`]: {
      post: op('query', `List ${titlePlural}, parameters in the body`, {
        requestBody: json(querySchema),
        responses: responses(200, listAnswer),
      }),
    },
    [`${base}/aggregate`]: {
      post: op('aggregate', `Group and measure ${titlePlural}`, {
        requestBody: json(aggregateSchema),
        responses: responses(
          200,
          answer({ type: 'object', properties: { data: { type: 'array', items: { type: 'object' } } } }),
        ),
      }),
    },
    [`${base}/{id}`]: {
      parameters: [idParameter],
      get: op('get', `Read one ${title}`, {
        parameters: ['fields', 'asOf'].map(parameterOf),
        responses: responses(200, oneAnswer),
      }),
    },
    [`${base}/{id}/history`]: {
      parameters: [idParameter],
      get: op('history', `Changes of one ${title}`, {
        parameters: ['limit', 'after'].map(parameterOf),
        responses: responses(200, { description: 'Newest first' }),
      }),
    },
    [`${base}/{id}/access`]: {
      parameters: [idParameter],
      get: op('access', 'Why a user can or cannot', {
        parameters: [parameterOf('user')],
        responses: responses(200, { description: 'Grants and reasons' }),
      }),
    },
  };
  const add = (path: string, verb: string, operation: Document): void =>
    void (paths[path] = {
      ...(path.includes('{id}') ? { parameters: [idParameter] } : {}),
      ...paths[path],
      [verb]: operation,
    });
  if (may.create)
    add(
      base,
      'post',
      op('create', `Create one ${title}`, {
        parameters: [dryRun, idempotencyKey],
        requestBody: json({ $ref: `#/components/schemas/${name}Input` }),
        responses: responses(201, oneAnswer),
      }),
    );
  if (may.update)
    add(
      `${base}/{id}`,
      'patch',
      op('update', `Change one ${title}`, {
        parameters: [dryRun, ifMatch],
        requestBody: json({ $ref: `#/components/schemas/${name}Patch` }),
        responses: responses(200, oneAnswer),
      }),
    );
  if (may.delete) {
    add(
      `${base}/{id}`,
      'delete',
      op('delete', `Move one ${title} to the recycle bin`, {
        parameters: [dryRun, ifMatch],
        responses: responses(204, { description: 'Done' }),
      }),
    );
    add(
      `${base}/{id}/restore`,
      'post',
      op('restore', `Bring one ${title} back`, { responses: responses(200, oneAnswer) }),
    );
  }
  if (may.purge)
    add(
      `${base}/{id}/purge`,
      'post',
      op('purge', `Remove one ${title} for good`, { responses: responses(204, { description: 'Done' }) }),
    );
  if (may.create || may.update || may.delete) {
    const rows = { type: 'array', items: { type: 'object' } };
    add(
      `${base}/bulk`,
      'post',
      op('bulk', `Write many ${titlePlural}`, {
        parameters: [...['mode', 'key', 'atomic', 'revive', 'systemFields'].map(parameterOf), idempotencyKey],
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { oneOf: [rows, whereSchema] } },
            'application/x-ndjson': { schema: { type: 'string' } },
          },
        },
        responses: responses(200, { description: 'What became of each row' }),
      }),
    );
  }
  if (may.export)
    add(
      `${base}/export`,
      'get',
      op('export', `Download ${titlePlural}`, {
        parameters: ['format', 'filter', 'sort', 'fields', 'q', 'deleted'].map(parameterOf),
        responses: responses(200, { description: 'The file' }),
      }),
    );
  return paths;
}

const currency: Document = { type: 'string', pattern: '^[A-Z]{3}$', description: 'ISO 4217' };
const idParameter: Document = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };
const ifMatch: Document = {
  name: 'If-Match',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'ETag of the version you saw; another one answers 412',
};
const idempotencyKey: Document = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'A repeat with the same key and body counts once, for a day',
};
const text: Document = { type: 'string' };
const querySchema: Document = {
  type: 'object',
  additionalProperties: false,
  properties: {
    filter: text,
    sort: { type: 'array', items: text },
    fields: { type: 'array', items: text },
    q: text,
    limit: { type: 'integer', minimum: 1, maximum: 500 },
    after: text,
    count: text,
    deleted: text,
  },
};
const aggregateSchema: Document = {
  type: 'object',
  additionalProperties: false,
  properties: {
    groupBy: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field'],
        properties: { field: text, bucket: { type: 'string', enum: ['day', 'week', 'month', 'quarter', 'year'] } },
      },
    },
    measures: {
      type: 'array',
      items: {
        type: 'object',
        required: ['fn'],
        properties: {
          fn: { type: 'string', enum: ['count', 'sum', 'avg', 'min', 'max', 'countDistinct'] },
          field: text,
        },
      },
    },
    filter: text,
    q: text,
    sort: { type: 'array', items: text },
    limit: { type: 'integer' },
  },
};
const whereSchema: Document = {
  type: 'object',
  required: ['filter', 'patch'],
  properties: { filter: text, q: text, patch: { type: ['object', 'null'] } },
};

function orNull(schema: Document): Document {
  return { anyOf: [schema, { type: 'null' }] };
}

function json(schema: Document): Document {
  return { required: true, content: { 'application/json': { schema } } };
}

function answer(schema: Document): Document {
  return { description: 'Done', content: { 'application/json': { schema } } };
}

function responses(status: number, content: Document): Document {
  return { [status]: content, default: { $ref: '#/components/responses/Problem' } };
}
