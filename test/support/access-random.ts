import { randomUUID } from 'node:crypto';
import type { Access, EntityName, Grant, Person, Row, World } from './access-model.js';
import type { Stage } from './access-world.js';

const entities: readonly EntityName[] = ['account', 'deal', 'item'];

/** Numbers from 0 to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A small world of the stage's people, teams and territories: three roles, a few rules, shares and limits, some twenty records. */
export function randomWorld(
  { people: ids, teams, territories: areas }: Pick<Stage, 'people' | 'teams' | 'territories'>,
  random: () => number,
): World {
  const int = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[int(list.length)];
  const some = <T>(list: readonly T[]): T[] => list.filter(() => random() < 0.4);
  const chance = (p: number): boolean => random() < p;
  const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
  const roleIds = ['x.one', 'x.two', 'x.three'];
  const people = ids.map((id, i): Person => {
    const roles = some(roleIds);
    return {
      id,
      roles: roles.length > 0 ? roles : [pick(roleIds)],
      teams: some([0, 1]),
      territories: some(areas.map((_, n) => n)).slice(0, 2),
      reportsTo: i > 0 && chance(0.6) ? int(i) : null,
    };
  });
  const principal = (): string | null => (chance(0.15) ? null : chance(0.7) ? pick(ids) : pick([...teams, ...areas]));
  const account = times(7, (): Row => ({
    id: randomUUID(),
    owner: principal(),
    deleted: chance(0.1),
    values: {
      name: pick(['Ada', 'Bertha', 'Cy', 'Dorothea', 'Emil']),
      city: pick(['a', 'b', 'c', null]),
      score: pick([null, 1, 4, 6, 9]),
      secret: pick(['s1', 's2', null]),
    },
  }));
  const deal = times(9, (): Row => ({
    id: randomUUID(),
    owner: principal(),
    deleted: chance(0.1),
    values: {
      name: pick(['Deal one', 'Deal two', 'D3']),
      account: chance(0.2) ? null : pick(account).id,
      stage: pick(['open', 'won', 'lost']),
      amount: pick([null, 1, 3, 8]),
    },
  }));
  const item = times(5, (): Row => ({
    id: randomUUID(),
    owner: null,
    deleted: chance(0.1),
    values: { name: 'Item', deal: chance(0.2) ? null : pick(deal).id, kind: pick(['x', 'y']) },
  }));
  const rows = { account, deal, item };
  const grant = (entity: string): Grant => {
    const read = pick(['all', 'own', 'own', 'own', 'none'] as const);
    const upTo =
      read === 'none'
        ? (['none'] as const)
        : read === 'own'
          ? (['own', 'own', 'none', 'all'] as const)
          : (['all', 'own', 'none'] as const);
    const name = entity.slice(2) as EntityName;
    return {
      entity,
      read,
      update: pick(upTo),
      delete: pick(upTo),
      create: read !== 'none' && chance(0.6),
      purge: read !== 'none' && chance(0.3),
      assign: read !== 'none' && chance(0.25),
      ...(read === 'own' && chance(0.3) ? { readWhen: name === 'item' ? 0 : int(3) } : {}),
    };
  };
  const field = (entity: EntityName, key: string, access: 'none' | Access) => ({
    entity: `w.${entity}`,
    field: key,
    access,
  });
  const level = () => pick(['none', 'masked', 'read', 'edit'] as const);
  return {
    people,
    teams,
    territories: areas.map((id, n) => ({ id, above: n > 0 && chance(0.7) ? int(n) : null })),
    rows,
    roles: roleIds.map((id) => ({
      id,
      grants: entities.map((name) => grant(`w.${name}`)),
      fields: [
        ...some(['city', 'score', 'secret', 'name']).map((key) => field('account', key, level())),
        ...some(['stage', 'amount']).map((key) => field('deal', key, level())),
      ],
    })),
    defaults: {
      account: pick(['private', 'private', 'read', 'edit']),
      deal: pick(['private', 'private', 'read', 'edit', 'parent']),
      item: pick(['private', 'read', 'parent', 'parent']),
    },
    rules: times(int(4), () => {
      const entity = pick(entities);
      const to = pick([
        { everyone: true as const },
        { roles: [pick(roleIds)] },
        { teams: [int(2)] },
        { territories: [int(areas.length)] },
        { roles: [pick(roleIds)], teams: [int(2)], territories: [int(areas.length)] },
      ]);
      const isByOwner = entity !== 'item' && chance(0.5);
      return {
        entity,
        access: pick(['read', 'edit'] as const),
        ...(chance(0.3) ? { isOver: chance(0.5) } : {}),
        to,
        ...(isByOwner
          ? {
              ownedBy: pick([
                { roles: [pick(roleIds)] },
                { teams: [int(2)] },
                { territories: [int(areas.length)] },
                { roles: [pick(roleIds)], teams: [int(2)], territories: [int(areas.length)] },
              ]),
            }
          : { when: entity === 'item' ? 0 : int(3) }),
      };
    }),
    limits: chance(0.35)
      ? times(1 + int(2), () => {
          const entity = pick(entities);
          return { entity, when: entity === 'item' ? 0 : int(3), ...(chance(0.6) ? { roles: [pick(roleIds)] } : {}) };
        })
      : [],
    shares: onePerPair(
      times(int(6), () => {
        const entity = pick(entities);
        return {
          entity,
          record: pick(rows[entity]).id,
          principal: chance(0.6) ? pick(ids) : pick([...teams, ...areas]),
          level: pick(['read', 'edit'] as const),
          isOver: chance(0.2),
        };
      }),
    ),
  };
}

/** A record is shared with somebody once. */
function onePerPair(shares: World['shares']): World['shares'] {
  return [...new Map(shares.map((share) => [`${share.record} ${share.principal}`, share])).values()];
}
