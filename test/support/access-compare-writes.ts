import type { Attempt } from './access-doors.js';
import { AccessModel, type Row, type World } from './access-model.js';
import type { Compared } from './access-compare.js';

/** Every record changed, given away and deleted, one made for each owner there could be; nothing of it is kept. */
export async function compareWrites(input: Compared): Promise<void> {
  const { world, entity, random, doors, tell } = input;
  const rows = world.rows[entity];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const [key, values] = {
    account: ['city', ['a', 'b', 'c']],
    deal: ['stage', ['open', 'won', 'lost']],
    item: ['kind', ['x', 'y']],
  }[entity] as [string, string[]];
  const changed = rows.map((row): Row => {
    const other = pick(values.filter((value) => value !== row.values[key]));
    return { ...row, values: { ...row.values, [key]: other } };
  });
  const one = Math.floor(random() * rows.length);
  const tried: { readonly what: string; readonly attempt: Attempt; readonly expected: readonly string[] }[] = [
    {
      what: `change ${key}`,
      attempt: { mode: 'update', rows: changed.map(({ id, values: next }) => ({ id, [key]: next[key] })) },
      expected: changed.map((next, n) => changeOf(input, key, rows[n], next)),
    },
    {
      what: `change ${key} alone`,
      attempt: { mode: 'update', rows: [{ id: rows[one].id, [key]: changed[one].values[key] }], isSingle: true },
      expected: [rows[one].deleted ? gone(input) : changeOf(input, key, rows[one], changed[one])],
    },
    {
      what: 'delete',
      attempt: { mode: 'delete', rows: rows.map(({ id }) => ({ id })) },
      expected: rows.map((row) => removalOf(input, row)),
    },
  ];
  if (entity !== 'item') {
    const owners = ownersOf(world);
    const given = rows.map((row): Row => ({ ...row, owner: pick(owners.filter((each) => each !== row.owner)) }));
    tried.push(
      {
        what: 'give',
        attempt: { mode: 'update', rows: given.map(({ id, owner }) => ({ id, ownerId: owner })) },
        expected: given.map((next, n) => changeOf(input, 'ownerId', rows[n], next)),
      },
      {
        what: 'create',
        attempt: { mode: 'create', rows: owners.map((ownerId) => ({ ownerId })) },
        expected: owners.map((owner) => creationOf(input, { id: 'new', owner, deleted: false, values: {} })),
      },
    );
  }
  const got = await doors.attempt(
    `w.${entity}`,
    tried.map(({ attempt }) => attempt),
  );
  for (const [i, { what, attempt, expected }] of tried.entries())
    for (const [n, code] of got[i].entries())
      tell(
        `${what} ${JSON.stringify(attempt.rows[n])}`,
        expected[n],
        // What is held by another record could have been deleted.
        code === 'record.restricted' && what === 'delete' ? 'ok' : code,
      );
}

type Judged = Pick<Compared, 'world' | 'model' | 'person' | 'entity' | 'doors'>;

function changeOf(input: Judged, key: string, row: Row, next: Row): string {
  const { model, person, entity, world } = input;
  if (!mayAtAll(input, 'update')) return 'access.denied';
  if (!model.seen(person, entity, row)) return 'record.not_found';
  if (row.deleted) return input.doors.binned;
  if (!model.may(person, 'update', entity, row)) return 'access.denied';
  if (key !== 'ownerId') {
    if (!model.known(person, entity).has(key)) return 'field.unknown';
    if (!model.settable(person, entity, row).has(key)) return 'field.read_only';
  } else if (model.mayAssign(person, entity)) return 'ok';
  // The rows of the world as they would be then decide, links to this one included.
  const after = new AccessModel({
    ...world,
    rows: { ...world.rows, [entity]: world.rows[entity].map((each) => (each.id === row.id ? next : each)) },
  });
  return after.may(person, 'update', entity, next) ? 'ok' : 'access.out_of_scope';
}

function removalOf(input: Judged, row: Row): string {
  const { model, person, entity } = input;
  if (!mayAtAll(input, 'delete')) return 'access.denied';
  if (!model.seen(person, entity, row)) return 'record.not_found';
  if (row.deleted) return input.doors.binned;
  return model.may(person, 'delete', entity, row) ? 'ok' : 'access.denied';
}

function creationOf({ model, person, entity }: Judged, row: Row): string {
  if (!model.mayCreate(person, entity)) return 'access.denied';
  return model.mayMake(person, entity, row) ? 'ok' : 'access.out_of_scope';
}

/** What the door for one record says of one in the bin. */
function gone(input: Judged): string {
  return mayAtAll(input, 'update') ? 'record.not_found' : 'access.denied';
}

function mayAtAll({ world, person, entity }: Judged, operation: 'update' | 'delete'): boolean {
  return world.roles.some(
    ({ id, grants }) =>
      person.roles.includes(id) &&
      grants.some((grant) => grant.entity === `w.${entity}` && grant[operation] !== 'none'),
  );
}

/** Whoever may own records. */
function ownersOf({ people, teams, territories }: World): string[] {
  return [...people.map(({ id }) => id), ...teams, ...territories.map(({ id }) => id)];
}
