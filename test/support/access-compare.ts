import type { Records } from '../../core/records/index.js';
import type { Ctx, RecordData } from '../../core/sdk/index.js';
import { isTrellisError } from '../../core/base/errors.js';
import {
  AccessModel,
  fieldsOf,
  type Access,
  type EntityName,
  type Person,
  type Row,
  type World,
} from './access-model.js';
import type { Stage } from './access-world.js';

const entities: readonly EntityName[] = ['account', 'deal', 'item'];

/** Every person × record × field × operation of a world: where the model and the answers differ, in words; empty where they agree. */
export async function compare(stage: Stage, world: World, random: () => number): Promise<string[]> {
  const { records, ctxOf } = await stage.enter(world);
  const model = new AccessModel(world);
  const found: string[] = [];
  for (const [n, person] of world.people.entries()) {
    const ctx = await ctxOf(person.id);
    for (const entity of entities) {
      const tell = (what: string, expected: unknown, got: unknown): void => {
        const [a, b] = [JSON.stringify(expected), JSON.stringify(got)];
        if (a !== b) found.push(`person ${n}, ${entity}, ${what}: expected ${a}, got ${b}`);
      };
      const input = { world, model, records, ctx, person, entity, tell };
      if (!model.readsSome(person, entity)) {
        tell('list', 'entity.not_found', await codeOf(records.list(ctx, { entity: `w.${entity}` })));
        continue;
      }
      await compareReads(input);
      for (const row of world.rows[entity]) await compareWrites(input, row, random);
      await compareCreate(input, random);
    }
  }
  return found;
}

interface Compared {
  readonly world: World;
  readonly model: AccessModel;
  readonly records: Records;
  readonly ctx: Ctx;
  readonly person: Person;
  readonly entity: EntityName;
  tell(what: string, expected: unknown, got: unknown): void;
}

async function compareReads(input: Compared): Promise<void> {
  const { world, model, records, ctx, person, entity, tell } = input;
  const id = `w.${entity}`;
  const live = world.rows[entity].filter(({ deleted }) => !deleted);
  const shown = new Map(
    live.flatMap((row) => {
      const seen = model.seen(person, entity, row);
      return seen ? [[row.id, shownOf(input, row, seen)] as const] : [];
    }),
  );
  const known = model.known(person, entity);
  const fields = fieldsOf[entity].filter((key) => known.has(key));
  const { data } = await records.list(ctx, { entity: id, fields: ['id', ...fields], sort: ['createdAt'] });
  tell('ids', [...shown.keys()].sort(), data.map((row) => row.id).sort());
  for (const row of data)
    for (const key of fields)
      tell(`${key} of ${String(row.id)}`, shown.get(String(row.id))?.[key] ?? null, plain(row[key]));
  const hidden = fieldsOf[entity].find((key) => !known.has(key));
  if (hidden !== undefined)
    tell(`hidden ${hidden}`, 'query.unknown_field', await codeOf(records.list(ctx, { entity: id, fields: [hidden] })));
  // Two by two, each once, in order.
  const walked: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await records.list(ctx, {
      entity: id,
      fields: ['id'],
      sort: ['-createdAt'],
      limit: 2,
      after,
      count: 'exact',
    });
    walked.push(...page.data.map((row) => String(row.id)));
    tell('count', shown.size, page.page.count);
    after = page.page.next ?? undefined;
    if (after === undefined) break;
  }
  tell(
    'pages',
    live.filter((row) => shown.has(row.id)).map((row) => row.id),
    walked,
  );
  for (const row of world.rows[entity]) {
    const code = await codeOf(records.get(ctx, { entity: id, id: row.id, fields: ['id'] }));
    tell(`get ${row.id}`, shown.has(row.id) ? 'ok' : 'record.not_found', code);
  }
  await compareQuestions(input, shown);
}

/** Filters and groups see what is shown, and nothing else. */
async function compareQuestions(
  { records, ctx, entity, tell, model, person }: Compared,
  shown: ReadonlyMap<string, Record<string, unknown>>,
): Promise<void> {
  const id = `w.${entity}`;
  const key = { account: 'score', deal: 'amount', item: 'kind' }[entity];
  if (!model.known(person, entity).has(key)) return;
  const filter = entity === 'item' ? 'kind == "x"' : `${key} > 3`;
  const isMet = (row: Record<string, unknown>): boolean =>
    entity === 'item' ? row.kind === 'x' : Number(row[key]) > 3;
  const filtered = await answerOf(records.list(ctx, { entity: id, fields: ['id'], filter }));
  // Whether a field is masked in some rows decides the refusal; that nothing else is answered then is the point.
  if (filtered === 'query.masked_field') return;
  const expected = [...shown].filter(([, row]) => isMet(row)).map(([each]) => each);
  tell('filter', expected.sort(), (filtered as { data: RecordData[] }).data.map((row) => String(row.id)).sort());
  const groups = await records.aggregate(ctx, { entity: id, groupBy: [{ field: key }], measures: [{ fn: 'count' }] });
  const counts = new Map<string, number>();
  for (const row of shown.values())
    counts.set(String(row[key] ?? null), (counts.get(String(row[key] ?? null)) ?? 0) + 1);
  tell('groups', [...counts].sort(), groups.map((group) => [String(group[key]), group.count]).sort());
}

async function compareWrites(
  { model, records, ctx, person, entity, tell, world }: Compared,
  row: Row,
  random: () => number,
): Promise<void> {
  const id = `w.${entity}`;
  const seen = row.deleted ? null : model.seen(person, entity, row);
  const may = (operation: 'update' | 'delete'): boolean => model.may(person, operation, entity, row);
  const removed = await codeOf(records.delete(ctx, { entity: id, id: row.id, dryRun: true } as never));
  const anyDelete = world.people.length > 0;
  if (anyDelete && removed !== 'record.restricted')
    tell(
      `delete ${row.id}`,
      !seen
        ? ['record.not_found', 'access.denied'].includes(removed)
        : may('delete')
          ? removed === 'ok'
          : removed === 'access.denied',
      true,
    );
  const [key, values] = {
    account: ['city', ['a', 'b', 'c']],
    deal: ['stage', ['open', 'won', 'lost']],
    item: ['kind', ['x', 'y']],
  }[entity] as [string, string[]];
  const other = values.filter((value) => value !== row.values[key])[Math.floor(random() * (values.length - 1))];
  const changed = await codeOf(
    records.update(ctx, { entity: id, id: row.id, values: { [key]: other }, dryRun: true } as never),
  );
  tell(`change ${key} of ${row.id}`, changeOf(key, { ...row, values: { ...row.values, [key]: other } }), changed);
  if (entity === 'item') return;
  const owners = ownersOf(world).filter((each) => each !== row.owner);
  const owner = owners[Math.floor(random() * owners.length)];
  const given = await codeOf(
    records.update(ctx, { entity: id, id: row.id, values: { ownerId: owner }, dryRun: true } as never),
  );
  tell(`give ${row.id}`, changeOf('ownerId', { ...row, owner }), given);

  function changeOf(changedKey: string, next: Row): string {
    if (!model.readsSome(person, entity)) return 'entity.not_found';
    const mayAtAll = person.roles.some((role) => {
      const grant = world.roles.find((each) => each.id === role)?.grants.find((each) => each.entity === id);
      return grant !== undefined && grant.update !== 'none';
    });
    if (!mayAtAll) return 'access.denied';
    if (!seen) return 'record.not_found';
    if (!may('update')) return 'access.denied';
    if (changedKey !== 'ownerId') {
      const known = model.known(person, entity).get(changedKey);
      if (known === undefined) return 'field.unknown';
      if (!model.settable(person, entity, row).has(changedKey)) return 'field.read_only';
    } else if (model.mayAssign(person, entity)) return 'ok';
    // The rows of the world as they would be then decide, links to this one included.
    const after = new AccessModel({
      ...world,
      rows: { ...world.rows, [entity]: world.rows[entity].map((each) => (each.id === row.id ? next : each)) },
    });
    return after.may(person, 'update', entity, next) ? 'ok' : 'access.out_of_scope';
  }
}

async function compareCreate(
  { model, records, ctx, person, entity, tell, world }: Compared,
  random: () => number,
): Promise<void> {
  if (entity === 'item') return;
  const owners = ownersOf(world);
  const owner = owners[Math.floor(random() * owners.length)];
  const made = await codeOf(
    records.create(ctx, { entity: `w.${entity}`, values: { ownerId: owner }, dryRun: true } as never),
  );
  const row: Row = { id: 'new', owner, deleted: false, values: {} };
  const expected = !model.mayCreate(person, entity)
    ? 'access.denied'
    : model.mayMake(person, entity, row)
      ? 'ok'
      : 'access.out_of_scope';
  tell(`create for ${owner}`, expected, made);
}

function ownersOf({ people, teams, territories }: World): string[] {
  return [...people.map(({ id }) => id), ...teams, ...territories.map(({ id }) => id)];
}

/** Values as the answer has them. */
function shownOf(
  { world, model, person }: Compared,
  row: Row,
  seen: ReadonlyMap<string, Access>,
): Record<string, unknown> {
  const isShown = (key: string): boolean => ['read', 'edit'].includes(seen.get(key) ?? 'none');
  return Object.fromEntries(
    [...seen.keys()].map((key) => {
      const value = row.values[key] ?? null;
      if (key === 'twice') {
        const amount = isShown('amount') ? row.values.amount : null;
        return [key, amount === null ? null : Number(amount) * 2];
      }
      if (key === 'total') {
        const deals = world.rows.deal.filter((each) => each.values.account === row.id && !each.deleted);
        const amounts = deals.map((deal) => {
          const theirs = model.seen(person, 'deal', deal)?.get('amount');
          return theirs === 'read' || theirs === 'edit' ? Number(deal.values.amount ?? 0) : 0;
        });
        return [key, amounts.reduce((sum, amount) => sum + amount, 0)];
      }
      if (key === 'account' || key === 'deal') {
        const target = world.rows[key].find(({ id, deleted }) => id === value && !deleted);
        const theirs = target ? model.seen(person, key, target) : null;
        return [key, target && theirs ? [target.id, maskedOr(theirs.get('name'), target.values.name)] : null];
      }
      return [key, maskedOr(seen.get(key), value)];
    }),
  );
}

/** Of what is masked texts show one character, and short ones none. */
function maskedOr(access: Access | undefined, value: unknown): unknown {
  if (access === undefined) return null;
  if (access !== 'masked') return value;
  if (typeof value !== 'string' || !/^[A-Zs]/.test(value)) return null;
  return value.length > 3 ? `${value[0]}•••` : '•••';
}

function plain(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'id' in value) {
    const { id, title } = value as { id: string; title?: unknown };
    return [id, title ?? null];
  }
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : (value ?? null);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const answer = await answerOf(work);
  return typeof answer === 'string' ? answer : 'ok';
}

/** What is answered, or the code of the refusal; of refused values that of the first finding. */
async function answerOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return (await work) ?? null;
  } catch (error) {
    if (!isTrellisError(error)) throw error;
    return error.code === 'record.invalid' ? (error.issues?.[0]?.code ?? error.code) : error.code;
  }
}
