import { conflict, denied, missing } from '../../base/errors.js';
import { isUuid } from '../../base/ids.js';
import type { Ctx, RecordData, Tx } from '../../sdk/index.js';
import { normalizeEmail } from '../credentials.js';
import type { IdentityDeps } from '../deps.js';
import { administratorRole } from '../types.js';
import { insertUser } from '../users.js';
import { conditionSql } from './condition-sql.js';
import { dropMembers } from './members.js';
import { syncRoles } from './roles.js';
import type { DirectoryPage, DirectoryUser, DirectoryUserInput } from './types.js';

type Inside = Ctx & { readonly tx: Tx };

/** A page of people, by id: those that no directory manages yet too, so that it finds the accounts that are there. */
export async function listUsers(
  deps: IdentityDeps,
  { filter, offset, limit }: DirectoryPage,
): Promise<{ total: number; users: DirectoryUser[] }> {
  const values: unknown[] = [];
  const param = (value: unknown): string => `$${values.push(value)}`;
  const where = filter === null ? '' : ` and coalesce(${conditionSql(filter, param)}, false)`;
  const [{ total }] = await deps.database.query<{ total: number }>({
    text: `select count(*)::integer as total ${fromText}${where}`,
    values: [...values],
  });
  if (limit === 0 || offset >= total) return { total, users: [] };
  const rows = await deps.database.query<UserRow>({
    text: `select ${columnsText} ${fromText}${where} order by c.user_id limit ${param(limit)} offset ${param(offset)}`,
    values,
  });
  return { total, users: rows.map(toUser) };
}

/** Throws scim.not_found, also for service accounts and users that the directory has taken out. */
export async function getUser(query: Tx['query'], id: string, lock = ''): Promise<DirectoryUser> {
  const [row] = isUuid(id)
    ? await query<UserRow>(`select ${columnsText} ${fromText} and c.user_id = $1 ${lock}`, [id])
    : [];
  if (row === undefined) throw missing('scim.not_found', `There is no user ${id.slice(0, 80)}.`);
  return toUser(row);
}

/** Makes a user, or brings back one that the directory had taken out. Throws scim.taken. */
export async function createUser(deps: IdentityDeps, inside: Inside, input: DirectoryUserInput): Promise<string> {
  const { tx } = inside;
  await lockNames(tx);
  const present = await tx.query<{ user_id: string; gone_at: Date | null; kind: string }>(takenText, [
    normalizeEmail(input.email),
    normalizeEmail(input.userName),
    null,
  ]);
  const [back] = present;
  if (present.length > 1 || (back !== undefined && (back.gone_at === null || back.kind !== 'person')))
    throw taken(input.userName);
  const id =
    back?.user_id ??
    (await insertUser(deps, inside, {
      name: input.name,
      email: input.email,
      ...(input.locale === null ? {} : { locale: input.locale }),
      ...(input.zone === null ? {} : { zone: input.zone }),
      roles: ['core.member'],
      hash: null,
      mustChange: false,
    }));
  if (back !== undefined || !input.active) await writeRecord(inside, id, input);
  await keep(inside, id, input);
  await syncRoles(deps, inside, { users: [id] });
  return id;
}

/** Sets what the directory says now. Throws scim.taken, scim.administrator, user.last_administrator. */
export async function changeUser(
  deps: IdentityDeps,
  inside: Inside,
  id: string,
  change: (present: DirectoryUser) => DirectoryUserInput,
): Promise<void> {
  const { tx } = inside;
  await lockNames(tx);
  const present = await getUser(tx.query, id, 'for update of c');
  const next = change(present);
  const [clash] = await tx.query(takenText, [normalizeEmail(next.email), normalizeEmail(next.userName), id]);
  if (clash !== undefined) throw taken(next.userName);
  if (normalizeEmail(next.email) !== normalizeEmail(present.email)) await refuseAdministrator(tx, id);
  await writeRecord(inside, id, next, present);
  await keep(inside, id, next);
  await syncRoles(deps, inside, { users: [id] });
}

/** Suspends, and takes out of the groups of the directory; what the user owns stays its own. */
export async function removeUser(
  deps: IdentityDeps,
  inside: Inside,
  id: string,
  check: (present: DirectoryUser) => void,
): Promise<void> {
  const { tx } = inside;
  const present = await getUser(tx.query, id, 'for update of c');
  check(present);
  await writeRecord(inside, id, { ...present, active: false }, present);
  await keep(inside, id, present);
  await tx.query('update trellis.directory_user set gone_at = $2, external_id = null where user_id = $1', [
    id,
    inside.now(),
  ]);
  await dropMembers(inside, { users: [id] });
  await syncRoles(deps, inside, { users: [id] });
}

/** Two users of one name at once: the second finds the first. */
async function lockNames(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('trellis.directory.users'))`);
}

/** A directory's key could open an administrator's account by way of a reset mail to another address. */
async function refuseAdministrator(tx: Tx, id: string): Promise<void> {
  const found = await tx.query('select 1 from trellis.user_role where user_id = $1 and role = $2', [
    id,
    administratorRole,
  ]);
  if (found.length > 0)
    throw denied('scim.administrator', 'The sign-in address of an administrator is not changed by a directory.', {
      hint: 'An administrator changes it in Settings → Users.',
    });
}

/** Only what differs, so that a sync that says nothing new writes nothing. */
async function writeRecord(
  inside: Inside,
  id: string,
  next: DirectoryUserInput,
  present: Partial<DirectoryUser> = {},
): Promise<void> {
  const values: RecordData = {};
  for (const key of ['name', 'email', 'active', 'locale', 'zone'] as const)
    if (next[key] !== present[key]) values[key] = next[key];
  if (Object.keys(values).length > 0)
    await inside.records.update(inside.asSystem('directory'), { entity: 'core.user', id, values });
}

async function keep(inside: Inside, id: string, input: DirectoryUserInput): Promise<void> {
  await inside.tx.query(keepText, [
    id,
    input.userName,
    normalizeEmail(input.userName),
    input.externalId,
    JSON.stringify(input.kept),
    inside.now(),
  ]);
}

function taken(userName: string): Error {
  return conflict('scim.taken', `There is a user "${userName.slice(0, 100)}" already.`, {
    params: { userName: userName.slice(0, 100) },
  });
}

interface UserRow {
  user_id: string;
  user_name: string;
  external_id: string | null;
  email: string;
  name: string;
  active: boolean;
  locale: string | null;
  zone: string | null;
  data: Record<string, string> | null;
  groups: string[];
  created_at: Date;
  updated_at: Date;
}

function toUser(row: UserRow): DirectoryUser {
  return {
    id: row.user_id,
    userName: row.user_name,
    externalId: row.external_id,
    email: row.email,
    name: row.name,
    active: row.active,
    locale: row.locale,
    zone: row.zone,
    kept: row.data ?? {},
    groups: row.groups,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

const columnsText = `c.user_id, coalesce(d.user_name, c.email) as user_name, d.external_id, c.email, c.name, c.active, c.locale, c.zone, d.data,
  array(select m.team_id from trellis.team_member m where m.user_id = c.user_id order by m.team_id) as groups,
  coalesce(d.created_at, c.updated_at) as created_at, greatest(d.updated_at, c.updated_at) as updated_at`;

const fromText = `from trellis.credential c left join trellis.directory_user d on d.user_id = c.user_id
where c.kind = 'person' and c.email is not null and d.gone_at is null`;

const takenText = `select c.user_id, d.gone_at, c.kind from trellis.credential c left join trellis.directory_user d on d.user_id = c.user_id
where c.email is not null and (c.email = $1 or d.name_key = $2 or (d.user_id is null and c.email = $2)) and ($3::uuid is null or c.user_id <> $3)`;

const keepText = `insert into trellis.directory_user as d (user_id, user_name, name_key, external_id, data, created_at, updated_at)
values ($1, $2, $3, $4, $5::jsonb, $6, $6)
on conflict (user_id) do update set user_name = excluded.user_name, name_key = excluded.name_key, external_id = excluded.external_id,
  data = excluded.data, updated_at = excluded.updated_at, gone_at = null
where (d.user_name, d.external_id, d.data, d.gone_at) is distinct from (excluded.user_name, excluded.external_id, excluded.data, null)`;
