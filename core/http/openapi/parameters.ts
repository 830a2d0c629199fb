/** The OpenAPI parameter of a query parameter that several routes share. */
export function parameterOf(name: string): Record<string, unknown> {
  const known = described[name];
  return {
    name,
    in: 'query',
    required: false,
    schema: known?.schema ?? { type: 'string' },
    ...(known ? { description: known.description } : {}),
  };
}

const described: Readonly<Record<string, { description: string; schema: Record<string, unknown> }>> = {
  filter: {
    description: 'An expression (CEL) over the fields, e.g. name == "Acme" && createdAt > TODAY()',
    schema: { type: 'string' },
  },
  sort: { description: 'Fields at commas; a leading minus sorts descending', schema: { type: 'string' } },
  fields: {
    description: 'Fields to answer, at commas; paths over links such as company.name',
    schema: { type: 'string' },
  },
  asOf: {
    description: 'The record as it was at this instant, e.g. 2024-05-31T09:30:00Z',
    schema: { type: 'string', format: 'date-time' },
  },
  q: { description: 'Free text over the searchable fields', schema: { type: 'string' } },
  limit: { description: 'Length of a page', schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } },
  after: { description: 'Cursor of an earlier page', schema: { type: 'string' } },
  count: { description: 'Whether a total is wanted', schema: { type: 'string', enum: ['none', 'estimate', 'exact'] } },
  deleted: { description: 'only lists the recycle bin', schema: { type: 'string', enum: ['exclude', 'only'] } },
  dryRun: { description: 'Writes nothing, answers what would be written', schema: { type: 'boolean' } },
  mode: {
    description: 'What becomes of the rows',
    schema: { type: 'string', enum: ['create', 'update', 'upsert', 'delete'] },
  },
  key: {
    description: 'Field by which rows are matched: id, externalId or a unique field',
    schema: { type: 'string', default: 'id' },
  },
  atomic: { description: 'True: one bad row refuses all', schema: { type: 'boolean', default: false } },
  revive: { description: 'True: upsert brings deleted records back', schema: { type: 'boolean', default: false } },
  systemFields: {
    description: 'True: createdAt and the like are taken from the rows; needs the import permission',
    schema: { type: 'boolean', default: false },
  },
  format: {
    description: 'Format of the file',
    schema: { type: 'string', enum: ['csv', 'ndjson', 'xlsx'], default: 'csv' },
  },
  locale: { description: 'Language of the texts, e.g. en or zh-CN', schema: { type: 'string' } },
  provenance: { description: 'True: says which plugin each part comes from', schema: { type: 'boolean' } },
  plan: { description: 'True: only tells what would happen', schema: { type: 'boolean', default: false } },
  policy: { description: 'What becomes of the data', schema: { type: 'string', enum: ['keep', 'purge'] } },
  from: { description: 'From this instant on', schema: { type: 'string', format: 'date-time' } },
  to: { description: 'Before this instant', schema: { type: 'string', format: 'date-time' } },
  user: { description: 'Id of a user', schema: { type: 'string', format: 'uuid' } },
};
