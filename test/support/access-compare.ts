import type { RecordData } from '../../core/sdk/index.js';
import { compareWrites } from './access-compare-writes.js';
import type { Doors } from './access-doors.js';
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

export interface Outcome {
  /** Where the model and the answers differ, in words; empty where they agree. */
  readonly found: readonly string[];
  /** Answers that were compared. */
  readonly compared: number;
}

/**
 * Every person × record × field × operation of a world. Rows are asked for and written as sets, and some of them one by one; over HTTP,
 * where the world is published first, all of them one by one.
 */
export async function compare(
  stage: Stage,
  world: World,
  random: () => number,
  way: 'kernel' | 'http' = 'kernel',
): Promise<Outcome> {
  const doorsOf = await stage.enter(world, way);
  const model = new AccessModel(world);
  const found: string[] = [];
  let compared = 0;
  for (const [n, person] of world.people.entries()) {
    const doors = await doorsOf(person.id);
    for (const entity of entities) {
      const tell = (what: string, expected: unknown, got: unknown): void => {
        compared++;
        const [a, b] = [JSON.stringify(expected), JSON.stringify(got)];
        if (a !== b) found.push(`person ${n}, ${entity}, ${what}: expected ${a}, got ${b}`);
      };
      const input = { world, model, doors, person, entity, tell, random, isWhole: way === 'http' };
      if (!model.readsSome(person, entity)) {
        tell('list', 'entity.not_found', await doors.list({ entity: `w.${entity}` }));
        continue;
      }
      await compareReads(input);
      await compareWrites(input);
    }
  }
  return { found, compared };
}

/** What is compared of one person and one entity. */
export interface Compared {
  readonly world: World;
  readonly model: AccessModel;
  readonly doors: Doors;
  readonly person: Person;
  readonly entity: EntityName;
  readonly random: () => number;
  /** Whether each record is asked for by itself. */
  readonly isWhole: boolean;
  tell(what: string, expected: unknown, got: unknown): void;
}

async function compareReads(input: Compared): Promise<void> {
  const { world, model, doors, person, entity, tell, random, isWhole } = input;
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
  const data = rowsOf(await doors.list({ entity: id, fields: ['id', ...fields], sort: ['createdAt'] }));
  tell('ids', [...shown.keys()].sort(), data.map((row) => row.id).sort());
  for (const row of data)
    for (const key of fields)
      tell(`${key} of ${String(row.id)}`, shown.get(String(row.id))?.[key] ?? null, plain(row[key]));
  const hidden = fieldsOf[entity].find((key) => !known.has(key));
  if (hidden !== undefined)
    tell(`hidden ${hidden}`, 'query.unknown_field', await doors.list({ entity: id, fields: [hidden] }));
  // Some at a time, each once, in order.
  const limit = [2, 3, 5][Math.floor(random() * 3)];
  const walked: string[] = [];
  for (let after: string | undefined; ;) {
    const answer = await doors.list({ entity: id, fields: ['id'], sort: ['-createdAt'], limit, after, count: 'exact' });
    walked.push(...rowsOf(answer).map((row) => String(row.id)));
    const { page } = answer as { page: { next: string | null; count?: number } };
    tell('count', shown.size, page.count);
    after = page.next ?? undefined;
    if (after === undefined) break;
  }
  tell(
    'pages',
    live.filter((row) => shown.has(row.id)).map((row) => row.id),
    walked,
  );
  const from = Math.floor(random() * world.rows[entity].length);
  const asked = isWhole
    ? world.rows[entity]
    : [0, 1].map((i) => world.rows[entity].at((from + i * 3) % world.rows[entity].length) as Row);
  for (const row of asked)
    tell(`get ${row.id}`, shown.has(row.id) ? 'ok' : 'record.not_found', await doors.get(id, row.id));
  await compareQuestions(input, shown);
}

/** Filters and groups see what is shown, and nothing else. */
async function compareQuestions(
  { doors, entity, tell, model, person }: Compared,
  shown: ReadonlyMap<string, Record<string, unknown>>,
): Promise<void> {
  const id = `w.${entity}`;
  const key = { account: 'score', deal: 'amount', item: 'kind' }[entity];
  if (!model.known(person, entity).has(key)) return;
  const filter = entity === 'item' ? 'kind == "x"' : `${key} > 3`;
  const isMet = (row: Record<string, unknown>): boolean =>
    entity === 'item' ? row.kind === 'x' : Number(row[key]) > 3;
  const filtered = await doors.list({ entity: id, fields: ['id'], filter });
  // Whether a field is masked in some rows decides the refusal; that nothing else is answered then is the point.
  if (filtered === 'query.masked_field') return;
  const expected = [...shown].filter(([, row]) => isMet(row)).map(([each]) => each);
  tell(
    'filter',
    expected.sort(),
    rowsOf(filtered)
      .map((row) => String(row.id))
      .sort(),
  );
  const groups = await doors.aggregate({ entity: id, groupBy: [{ field: key }], measures: [{ fn: 'count' }] });
  const counts = new Map<string, number>();
  for (const row of shown.values())
    counts.set(String(row[key] ?? null), (counts.get(String(row[key] ?? null)) ?? 0) + 1);
  if (typeof groups === 'string') throw new Error(`No groups: ${groups}`);
  tell('groups', [...counts].sort(), groups.map((group) => [String(group[key]), group.count]).sort());
}

function rowsOf(answer: Awaited<ReturnType<Doors['list']>>): RecordData[] {
  if (typeof answer === 'string') throw new Error(`A list was refused: ${answer}`);
  return answer.data;
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
