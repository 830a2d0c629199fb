import { conflict, missing } from '../../base/errors.js';
import { isUuid } from '../../base/ids.js';
import type { Ctx, RecordData, Tx } from '../../sdk/index.js';
import type { IdentityDeps } from '../deps.js';
import { meets, type Plain } from './condition.js';
import { setMembers } from './members.js';
import { syncRoles } from './roles.js';
import type { DirectoryGroup, DirectoryGroupInput, DirectoryPage } from './types.js';

type Inside = Ctx & { readonly tx: Tx };

/** A page of teams, by id. Teams are few, so a condition is judged here and not in SQL. */
export async function listGroups(
  deps: IdentityDeps,
  ctx: Ctx,
  { filter, offset, limit, withMembers }: DirectoryPage & { withMembers: boolean },
): Promise<{ total: number; groups: DirectoryGroup[] }> {
  const teams = await allTeams(ctx);
  const query: Tx['query'] = (text, values = []) => deps.database.query({ text, values }) as Promise<never[]>;
  const external = await externalIds(query, null);
  const needsMembers = filter !== null && JSON.stringify(filter).includes('"members');
  const people = needsMembers
    ? await membersOf(
        query,
        teams.map(({ id }) => String(id)),
      )
    : null;
  const found = teams.filter((team) => {
    if (filter === null) return true;
    const id = String(team.id);
    const members = people?.get(id)?.map((member) => member.id) ?? [];
    const values: Readonly<Record<string, readonly Plain[]>> = {
      id: [id],
      displayname: [String(team.name)],
      externalid: [external.get(id)?.external_id ?? null],
      members,
      'members.value': members,
      'meta.lastmodified': [String(team.updatedAt)],
      'meta.created': [String(team.createdAt)],
    };
    return meets(filter, (attribute) => values[attribute] ?? []);
  });
  const page = found.slice(offset, offset + limit);
  const members = withMembers
    ? await membersOf(
        query,
        page.map(({ id }) => String(id)),
      )
    : new Map();
  return { total: found.length, groups: page.map((team) => toGroup(team, external, members)) };
}

/** Throws scim.not_found. */
export async function getGroup(
  ctx: Ctx,
  query: Tx['query'],
  id: string,
  { withMembers }: { withMembers: boolean } = { withMembers: true },
): Promise<DirectoryGroup> {
  const team = isUuid(id)
    ? await ctx.records
        .list(ctx.asSystem('directory'), {
          entity: 'core.team',
          fields: teamFields,
          filter: `id == ${JSON.stringify(id)}`,
          limit: 1,
        })
        .then(({ data }) => data[0])
    : undefined;
  if (team === undefined) throw missing('scim.not_found', `There is no group ${id.slice(0, 80)}.`);
  const members = withMembers ? await membersOf(query, [id]) : new Map<string, Member[]>();
  return toGroup(team, await externalIds(query, id), members);
}

/** Makes a team. Throws scim.taken, scim.value. */
export async function createGroup(deps: IdentityDeps, inside: Inside, input: DirectoryGroupInput): Promise<string> {
  await refuseTaken(inside, input.name, null);
  const system = inside.asSystem('directory');
  const team = await inside.records.create(system, { entity: 'core.team', values: { name: input.name } });
  const id = String(team.id);
  await note(inside, id, input.externalId);
  await syncRoles(deps, inside, { users: await setMembers(inside, id, input.members) });
  return id;
}

/** Sets name and members, set-wise, one change of a team at a time. Throws scim.not_found, scim.taken, scim.value, user.last_administrator. */
export async function changeGroup(
  deps: IdentityDeps,
  inside: Inside,
  id: string,
  change: (present: DirectoryGroup) => DirectoryGroupInput,
): Promise<void> {
  await lock(inside, id);
  const present = await getGroup(inside, inside.tx.query, id);
  const next = change(present);
  if (next.name !== present.name) {
    await refuseTaken(inside, next.name, id);
    const values = { name: next.name };
    await inside.records.update(inside.asSystem('directory'), { entity: 'core.team', id, values });
  }
  await note(inside, id, next.externalId);
  await syncRoles(deps, inside, { users: await setMembers(inside, id, next.members) });
}

/** Takes the team away, to the recycle bin. */
export async function removeGroup(inside: Inside, id: string, check: (present: DirectoryGroup) => void): Promise<void> {
  await lock(inside, id);
  const present = await getGroup(inside, inside.tx.query, id);
  check(present);
  // The hook of this room on teams forgets the rest and takes the roles of the team.
  await inside.records.delete(inside.asSystem('directory'), { entity: 'core.team', id });
}

async function lock({ tx }: Inside, id: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`trellis.directory.group ${id}`]);
}

async function refuseTaken(ctx: Inside, name: string, but: string | null): Promise<void> {
  const { data } = await ctx.records.list(ctx.asSystem('directory'), {
    entity: 'core.team',
    fields: ['id'],
    filter: `name == ${JSON.stringify(name)}`,
    limit: 2,
  });
  if (data.some(({ id }) => id !== but))
    throw conflict('scim.taken', `There is a group "${name.slice(0, 100)}" already.`);
}

async function note(ctx: Inside, id: string, externalId: string | null): Promise<void> {
  await ctx.tx.query(noteText, [id, externalId, ctx.now()]);
}

const noteText = `insert into trellis.directory_group as g (team_id, external_id, updated_at) values ($1, $2, $3)
on conflict (team_id) do update set external_id = excluded.external_id, updated_at = excluded.updated_at`;

const teamFields = ['id', 'name', 'createdAt', 'updatedAt'];

async function allTeams(ctx: Ctx): Promise<RecordData[]> {
  const teams: RecordData[] = [];
  for (let after: string | undefined; ;) {
    const { data, page } = await ctx.records.list(ctx.asSystem('directory'), {
      entity: 'core.team',
      fields: teamFields,
      sort: ['id'],
      limit: 500,
      ...(after === undefined ? {} : { after }),
    });
    teams.push(...data);
    if (page.next === null) return teams;
    after = page.next;
  }
}

interface Noted {
  readonly external_id: string | null;
  readonly updated_at: Date;
}
interface Member {
  readonly id: string;
  readonly name: string;
}

async function externalIds(query: Tx['query'], id: string | null): Promise<Map<string, Noted>> {
  const rows = await query<Noted & { team_id: string }>(
    'select team_id, external_id, updated_at from trellis.directory_group where $1::uuid is null or team_id = $1',
    [id],
  );
  return new Map(rows.map((row) => [row.team_id, row]));
}

async function membersOf(query: Tx['query'], teams: readonly string[]): Promise<Map<string, Member[]>> {
  const rows = await query<{ team_id: string; user_id: string; name: string }>(
    `select m.team_id, m.user_id, c.name from trellis.team_member m
join trellis.credential c on c.user_id = m.user_id and c.kind = 'person' and c.email is not null
left join trellis.directory_user d on d.user_id = c.user_id
where m.team_id = any($1::uuid[]) and d.gone_at is null order by m.team_id, m.user_id`,
    [teams],
  );
  const byTeam = new Map<string, Member[]>();
  for (const { team_id, user_id, name } of rows) {
    const known = byTeam.get(team_id);
    if (known) known.push({ id: user_id, name });
    else byTeam.set(team_id, [{ id: user_id, name }]);
  }
  return byTeam;
}

function toGroup(
  team: RecordData,
  external: ReadonlyMap<string, Noted>,
  members: ReadonlyMap<string, Member[]>,
): DirectoryGroup {
  const id = String(team.id);
  const noted = external.get(id);
  const updated = String(team.updatedAt);
  const notedAt = noted?.updated_at.toISOString() ?? '';
  return {
    id,
    name: String(team.name),
    externalId: noted?.external_id ?? null,
    members: members.get(id) ?? [],
    createdAt: String(team.createdAt),
    updatedAt: notedAt > updated ? notedAt : updated,
  };
}
