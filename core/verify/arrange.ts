import { quoteName } from '../schema/index.js';
import type { VerifyActor } from './actors.js';
import { cookiesOf, dataOf, speakAs } from './speak.js';
import type { VerifyInput } from './types.js';
import { nearRows, type World } from './world.js';

/** API keys of the reader that reach all but the focus of those actors that come by one; by the actor's name. */
export async function makeKeys(
  input: VerifyInput,
  world: World,
  actors: readonly VerifyActor[],
): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  for (const { name, focus } of actors.filter(({ way }) => way === 'narrow key')) {
    const others = [...input.schema().entities.keys()].filter((id) => id !== focus);
    const body = { name, scopes: others.map((id) => `${id}:write`) };
    const made = await world.readerSession({ method: 'POST', path: '/api/api-keys', body });
    keys.set(name, dataOf<{ key: string }>(made).key);
  }
  return keys;
}

/** The world as the actor comes to it: by a key of its own, or through an administrator who acts as it. */
export async function enter(
  { url }: VerifyInput,
  world: World,
  actor: VerifyActor,
  keys: ReadonlyMap<string, string>,
): Promise<World> {
  const by = (readerHeaders: Readonly<Record<string, string>>): World => ({
    ...world,
    reader: speakAs(url, readerHeaders),
    readerHeaders,
  });
  if (actor.way === 'narrow key') return by({ authorization: `Bearer ${keys.get(actor.name)}` });
  if (actor.way !== 'impersonation') return world;
  const path = `/api/users/${world.readerId}/impersonation`;
  const answer = await world.admin({ method: 'POST', path, body: { reason: 'trellis plugin verify' } });
  dataOf(answer);
  return by(cookiesOf(answer));
}

/** Shares a row, and another one until an instant that is over; or puts the administrator, who gets a row, under the reader. */
export async function arrange({ db, schema }: VerifyInput, world: World, actor: VerifyActor): Promise<void> {
  const entity = schema().entities.get(actor.focus);
  const [row, next] = (world.rows.get(actor.focus) ?? []).filter(({ n }) => n >= nearRows);
  if (!entity || !row) return;
  if (actor.way === 'share') {
    const shares = schema().entities.get('core.share');
    const over = next ?? row;
    await db.query({
      text: `insert into ${shares?.table} (id, created_at, updated_at, version, record__entity, record__id, principal, level, until) select gen_random_uuid(), now(), now(), 1, $1, s.record, $2::uuid, 'read', s.until from (values ($3::uuid, null::timestamptz), ($4::uuid, now() - interval '1 second')) as s(record, until) where s.until is null or $3::uuid <> $4::uuid`,
      values: [entity.id, world.readerId, row.id, over.id],
    });
  } else if (actor.way === 'hierarchy') {
    const owner = entity.fields.get('ownerId');
    const column = owner && quoteName(owner.kind.columns(owner)[0].name);
    await db.query({
      text: `update ${entity.table} set ${column} = $1::uuid where id = $2::uuid`,
      values: [world.adminId, row.id],
    });
    await db.query({
      text: 'insert into trellis.report (superior_id, user_id) values ($1::uuid, $2::uuid) on conflict do nothing',
      values: [world.readerId, world.adminId],
    });
  } else return;
  await renew(db, world);
}

/** Takes back what does not stand in records. */
export async function leave({ db }: VerifyInput, world: World, actor: VerifyActor): Promise<void> {
  if (actor.way !== 'hierarchy') return;
  await db.query({ text: 'delete from trellis.report where superior_id = $1::uuid', values: [world.readerId] });
  await renew(db, world);
}

/** What reaches the reader is asked anew, as after any change of it. */
async function renew(db: VerifyInput['db'], world: World): Promise<void> {
  await db.query({
    text: 'update trellis.credential set security_epoch = security_epoch + 1 where user_id = $1::uuid',
    values: [world.readerId],
  });
}
