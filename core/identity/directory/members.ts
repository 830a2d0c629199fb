import { invalid } from '../../base/errors.js';
import { isUuid } from '../../base/ids.js';
import type { Ctx, Tx } from '../../sdk/index.js';

type Inside = Ctx & { readonly tx: Tx };

/** Rows that one statement names at most. */
const piece = 500;

/** Brings the people of a team to those named, set-wise; answers whose membership changed. Throws scim.value for an id that is no user. */
export async function setMembers(inside: Inside, team: string, members: readonly string[]): Promise<string[]> {
  const { tx } = inside;
  const wanted = [...new Set(members.map((id) => id.toLowerCase()))];
  const strange = wanted.find((id) => !isUuid(id)) ?? (await unknownUser(tx, wanted));
  if (strange !== undefined)
    throw invalid('scim.value', `There is no user ${strange.slice(0, 80)} to be a member.`, {
      params: { member: strange.slice(0, 80) },
    });
  const present = (
    await tx.query<{ user_id: string }>(
      `select m.user_id from trellis.team_member m join trellis.credential c on c.user_id = m.user_id and c.kind = 'person' where m.team_id = $1`,
      [team],
    )
  ).map((row) => row.user_id);
  const had = new Set(present);
  const wants = new Set(wanted);
  const added = wanted.filter((id) => !had.has(id));
  const removed = present.filter((id) => !wants.has(id));
  if (added.length > 0)
    await inside.records.bulk(inside.asSystem('directory'), {
      entity: 'core.teamMember',
      mode: 'create',
      rows: added.map((user) => ({ team, user })),
      atomic: true,
    });
  await removeRecords(inside, team, removed);
  // Whoever the directory puts into a group is one of its users from then on.
  await tx.query(adoptText, [wanted, inside.now()]);
  const noted = await tx.query<{ user_id: string }>(noteText, [team, wanted]);
  return [...new Set([...added, ...removed, ...noted.map((row) => row.user_id)])];
}

/** Takes users out of all teams into which the directory had put them. */
export async function dropMembers(inside: Inside, { users }: { users: readonly string[] }): Promise<void> {
  const rows = await inside.tx.query<{ team_id: string }>(
    'delete from trellis.directory_member where user_id = any($1::uuid[]) returning team_id',
    [users],
  );
  for (const team of new Set(rows.map((row) => row.team_id))) await removeRecords(inside, team, users);
}

/** Forgets teams that go; answers who was in them by the directory's word, and which roles they gave. */
export async function forgetTeams(tx: Tx, teams: readonly string[]): Promise<{ users: string[]; governed: string[] }> {
  const [gone] = await tx.query<{ users: string[]; governed: string[] }>(forgetText, [teams]);
  return gone;
}

const forgetText = `with m as (delete from trellis.directory_member where team_id = any($1::uuid[]) returning user_id),
r as (delete from trellis.directory_role where team_id = any($1::uuid[]) returning role),
g as (delete from trellis.directory_group where team_id = any($1::uuid[]))
select array(select distinct user_id from m) as users, array(select distinct role from r) as governed`;

async function removeRecords(inside: Inside, team: string, users: readonly string[]): Promise<void> {
  for (let at = 0; at < users.length; at += piece)
    await inside.records.bulkWhere(inside.asSystem('directory'), {
      entity: 'core.teamMember',
      filter: `team == ${JSON.stringify(team)} && user in ${JSON.stringify(users.slice(at, at + piece))}`,
      patch: null,
    });
}

async function unknownUser(tx: Tx, ids: readonly string[]): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string }>(
    `select g.id from unnest($1::uuid[]) g (id) where not exists (
  select 1 from trellis.credential c left join trellis.directory_user d on d.user_id = c.user_id
  where c.user_id = g.id and c.kind = 'person' and c.email is not null and d.gone_at is null) limit 1`,
    [ids],
  );
  return row?.id;
}

const adoptText = `insert into trellis.directory_user (user_id, user_name, name_key, created_at, updated_at)
select c.user_id, c.email, c.email, $2, $2 from trellis.credential c where c.user_id = any($1::uuid[]) on conflict do nothing`;

/** Who is in the team by the directory's word; answers whose row came or went. */
const noteText = `with gone as (
  delete from trellis.directory_member m where m.team_id = $1 and m.user_id <> all($2::uuid[]) returning m.user_id
), come as (
  insert into trellis.directory_member (team_id, user_id) select $1, id from unnest($2::uuid[]) id on conflict do nothing returning user_id
) select user_id from gone union select user_id from come`;
