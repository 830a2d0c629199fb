import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityModel, FieldModel, SchemaModel } from '../schema/index.js';
import { markerWord, sampleValue, writableFields } from './sample-value.js';
import { dataOf, signIn, speakAs, type Answer, type Speaker } from './speak.js';
import type { VerifyInput } from './types.js';

/** Rows of each entity: the first half belongs to the reader, the others to somebody else. */
export const rowsEach = 6;
export const nearRows = 3;
/** Rows that lie in the recycle bin, one of each half. */
export const binnedRows: ReadonlySet<number> = new Set([2, 5]);

/** A record that was made; `n` counts from 0 within its entity. */
export interface Row {
  readonly id: string;
  readonly n: number;
}

/** What was made, the same for all actors. */
export interface World {
  readonly admin: Speaker;
  /** The one whose roles change and whose answers are compared, by API key. */
  readonly reader: Speaker;
  /** Makes further keys of the reader, before its roles change. */
  readonly readerSession: Speaker;
  readonly readerHeaders: Readonly<Record<string, string>>;
  readonly readerId: string;
  readonly adminId: string;
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  /** Attachments: of the reader's records, then of the others'. */
  readonly files: readonly { readonly id: string; readonly entity: string; readonly record: string }[];
  /** An id that nothing has. */
  readonly nobody: string;
  readonly notes: readonly string[];
}

/** Kernel entities that people and sign-in hang on: their rows are not made by the suite. */
const given: ReadonlySet<string> = new Set([
  'core.principal',
  'core.user',
  'core.attachment',
  'core.teamMember',
  'core.share',
  'core.currency',
  'core.currencyRate',
  'core.savedView',
]);

/** Fills the database through the API, as an administrator would. Throws where not even users can be made. */
export async function makeWorld(input: VerifyInput): Promise<World> {
  const { url } = input;
  const admin = await signIn(url, input.admin.email, input.admin.password);
  const me = dataOf<{ user: { id: string } }>(await admin({ path: '/api/session' })).user.id;
  const reader = await makeUser(url, admin, 'reader');
  const other = await makeUser(url, admin, 'other');
  const key = dataOf<{ key: string }>(
    await reader.speak({ method: 'POST', path: '/api/api-keys', body: { name: 'verify' } }),
  ).key;
  const readerHeaders = { authorization: `Bearer ${key}` };
  const byKey = speakAs(url, readerHeaders);
  const rows = new Map<string, Row[]>();
  rows.set(
    'core.user',
    [me, reader.id, other.id].map((id, n) => ({ id, n })),
  );
  const notes: string[] = [];
  const schema = input.schema();
  const wanted = ordered(schema, around(schema, input.entities));
  const making: Making = { admin, schema, rows, notes, owners: { reader: reader.id, other: other.id } };
  for (const entity of wanted) rows.set(entity.id, await makeRows(making, entity));
  for (const entity of wanted) await linkRows(making, entity);
  const files = await attach(admin, byKey, input.entities, rows);
  rows.set('core.savedView', await saveViews(admin, byKey, schema, input.entities));
  for (const entity of wanted) await settleRows(making, entity);
  for (const entity of input.entities)
    if ((rows.get(entity) ?? []).length < rowsEach)
      notes.push(`${entity}: only ${(rows.get(entity) ?? []).length} of ${rowsEach} sample records could be made.`);
  return {
    admin,
    reader: byKey,
    readerHeaders,
    readerSession: reader.speak,
    readerId: reader.id,
    adminId: me,
    rows,
    files,
    nobody: randomUUID(),
    notes,
  };
}

interface Making {
  readonly admin: Speaker;
  readonly schema: SchemaModel;
  readonly rows: Map<string, Row[]>;
  readonly notes: string[];
  readonly owners: { readonly reader: string; readonly other: string };
}

async function makeUser(url: string, admin: Speaker, name: string): Promise<{ id: string; speak: Speaker }> {
  const email = `${name}-${randomBytes(4).toString('hex')}@verify.example`;
  const password = randomBytes(12).toString('base64url');
  const body = { name: `Verify ${name}`, email, password, roles: ['core.administrator'] };
  const made = dataOf<{ id?: string; user?: { id: string } }>(
    await admin({ method: 'POST', path: '/api/users', body }),
  );
  return { id: String(made.id ?? made.user?.id), speak: await signIn(url, email, password) };
}

/** The entities, and all that links connect with them, but for those of the kernel. */
function around(schema: SchemaModel, entities: readonly string[]): EntityModel[] {
  const found = new Set(entities.filter((id) => !given.has(id)));
  const linksOf = ({ fields }: EntityModel): string[] => [...fields.values()].flatMap(({ to }) => [...to]);
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const entity of schema.entities.values()) {
      const targets = linksOf(entity).filter((id) => schema.entities.has(id) && !id.startsWith('core.'));
      if (found.has(entity.id)) for (const id of targets) found.add(id);
      else if (targets.some((id) => found.has(id)) && !given.has(entity.id)) found.add(entity.id);
    }
  }
  return [...schema.entities.values()].filter(({ id }) => found.has(id));
}

/** Entities whose required links lead to others come behind them. */
function ordered(schema: SchemaModel, entities: readonly EntityModel[]): EntityModel[] {
  const done = new Map<string, EntityModel>();
  const visit = (entity: EntityModel, above: ReadonlySet<string>): void => {
    if (done.has(entity.id) || above.has(entity.id)) return;
    for (const field of entity.fields.values()) {
      const target = field.to[0] === '*' ? undefined : schema.entities.get(field.to[0] ?? '');
      if (field.required && target && entities.includes(target)) visit(target, new Set([...above, entity.id]));
    }
    done.set(entity.id, entity);
  };
  for (const entity of entities) visit(entity, new Set());
  return [...done.values()];
}

async function makeRows({ admin, schema, rows, notes }: Making, entity: EntityModel): Promise<Row[]> {
  const made: Row[] = [];
  for (let n = 0; n < rowsEach; n++) {
    // First other values: what is changed later stands in the history.
    let values = valuesOf(schema, entity, n + 21, rows, (field) => field.required || (n + field.key.length) % 4 !== 0);
    let answer = await create(admin, entity, values);
    for (let attempt = 0; answer.status === 422 && attempt < 6; attempt++) {
      values = mended(schema, entity, values, answer, { n: n + 31 + attempt * 7, rows, isLate: attempt > 2 });
      answer = await create(admin, entity, values);
    }
    if (answer.status === 201) made.push({ id: dataOf<{ id: string }>(answer).id, n });
    else if (made.length === 0 && n === rowsEach - 1)
      notes.push(`${entity.id}: no sample record could be made (${codeOf(answer)}).`);
  }
  return made;
}

const create = (admin: Speaker, entity: EntityModel, body: unknown): Promise<Answer> =>
  admin({ method: 'POST', path: `/api/records/${entity.id}`, body });

/** Without what the server found fault with, or with another value where one must be. */
function mended(
  schema: SchemaModel,
  entity: EntityModel,
  values: Record<string, unknown>,
  answer: Answer,
  { n, rows, isLate }: { n: number; rows: Making['rows']; isLate: boolean },
): Record<string, unknown> {
  const { issues = [] } = JSON.parse(answer.text) as { issues?: { path: string; code: string }[] };
  const next = { ...values };
  for (const { path, code } of issues) {
    const field = entity.fields.get(path.split('/')[0]);
    if (!field) continue;
    const isNeeded = field.required || code === 'field.required';
    if (isNeeded) next[field.key] = valueOf(schema, field, n, rows);
    else delete next[field.key];
  }
  const isSame = JSON.stringify(next) === JSON.stringify(values);
  if (!isSame && !isLate) return next;
  return valuesOf(
    schema,
    entity,
    n,
    rows,
    (field) => field.required || (isLate && next[field.key] !== undefined && n % 2 === 0),
  );
}

function valuesOf(
  schema: SchemaModel,
  entity: EntityModel,
  n: number,
  rows: Making['rows'],
  isWanted: (field: FieldModel) => boolean,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of writableFields(entity)) {
    if (!isWanted(field)) continue;
    const value = valueOf(schema, field, n, rows);
    if (value !== undefined) values[field.key] = value;
  }
  return values;
}

/** A value as it is written through the API; links lead to a record that is there and not in the bin. */
function valueOf(schema: SchemaModel, field: FieldModel, n: number, rows: Making['rows']): unknown {
  if (field.kind.relation === undefined) return sampleValue(field, n);
  const entity = field.to[0] === '*' ? [...rows.keys()].find((id) => !id.startsWith('core.')) : field.to[0];
  const live = (rows.get(entity ?? '') ?? []).filter((row) => !binnedRows.has(row.n));
  if (live.length === 0 || !schema.entities.has(entity ?? '')) return undefined;
  const { id } = live[(n + field.key.length) % live.length];
  if (field.kind.relation === 'any') return { entity, id };
  return field.kind.relation === 'many' ? [{ id }] : id;
}

/** Sets all links, and the values that stay: of what goes before, the history tells. */
async function linkRows({ admin, schema, rows }: Making, entity: EntityModel): Promise<void> {
  for (const { id, n } of rows.get(entity.id) ?? []) {
    const path = `/api/records/${entity.id}/${id}`;
    const body: Record<string, unknown> = valuesOf(
      schema,
      entity,
      n,
      rows,
      (field) => (n + field.key.length) % 5 !== 0,
    );
    const answer = await admin({ method: 'PATCH', path, body });
    if (answer.status === 200) continue;
    // One by one: what rules refuse together, some may take alone.
    for (const [key, value] of Object.entries(body)) await admin({ method: 'PATCH', path, body: { [key]: value } });
  }
}

/** Gives the records to their owners, names some of them, and puts some into the bin. */
async function settleRows({ admin, rows, owners }: Making, entity: EntityModel): Promise<void> {
  for (const { id, n } of rows.get(entity.id) ?? []) {
    const path = `/api/records/${entity.id}/${id}`;
    const externalId = `${n < nearRows ? 'near' : 'far'}-${n}`;
    const owned = entity.ownership === 'principal';
    // All were the reader's once: what it was told of them then must not tell more than they do.
    await admin({ method: 'PATCH', path, body: owned ? { externalId, ownerId: owners.reader } : { externalId } });
    if (owned && n >= nearRows) await admin({ method: 'PATCH', path, body: { ownerId: owners.other } });
    if (binnedRows.has(n)) await admin({ method: 'DELETE', path });
  }
}

/** One file of each half of the records, uploaded by who will own them. */
async function attach(
  admin: Speaker,
  reader: Speaker,
  entities: readonly string[],
  rows: Making['rows'],
): Promise<World['files']> {
  const files: World['files'][number][] = [];
  const made: Row[] = [];
  for (const entity of entities)
    for (const [speak, row] of [
      [reader, rows.get(entity)?.[0]],
      [admin, rows.get(entity)?.find(({ n }) => n === nearRows)],
    ] as const) {
      if (!row) continue;
      const form = { name: `${markerWord(row.n)}.txt`, content: `file of ${row.n}`, parts: { entity, id: row.id } };
      const answer = await speak({ method: 'POST', path: '/api/files', form });
      if (answer.status !== 201) continue;
      const { id } = dataOf<{ id: string }>(answer);
      files.push({ id, entity, record: row.id });
      made.push({ id, n: row.n });
    }
  rows.set('core.attachment', made);
  return files;
}

/** One view of the reader's and one of the administrator's. */
async function saveViews(
  admin: Speaker,
  reader: Speaker,
  schema: SchemaModel,
  [first]: readonly string[],
): Promise<Row[]> {
  const field = schema.entities.get(first)?.titleField ?? 'id';
  const document = { entity: first, title: 'Verify', type: 'list', columns: [{ field }] };
  const made: Row[] = [];
  for (const [n, speak] of [
    [0, reader],
    [nearRows, admin],
  ] as const) {
    const body = { name: `Verify ${n}`, entity: first, document };
    const answer = await speak({ method: 'POST', path: '/api/records/core.savedView', body });
    if (answer.status === 201) made.push({ id: dataOf<{ id: string }>(answer).id, n });
  }
  return made;
}

function codeOf({ status, text }: Answer): string {
  try {
    const { code, issues } = JSON.parse(text) as { code?: string; issues?: { path: string; code: string }[] };
    return [code ?? status, ...(issues ?? []).map((issue) => `${issue.path}: ${issue.code}`)].join(', ');
  } catch {
    return String(status);
  }
}
