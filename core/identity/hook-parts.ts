import { broken } from '../base/errors.js';
import type { Ctx, HookBatch, Json, RecordData, Tx } from '../sdk/index.js';

/** The context of a hook, which runs inside a transaction always. */
export function insideOf(ctx: Ctx): Ctx & { readonly tx: Tx } {
  if (ctx.tx === null) throw broken('identity.no_transaction', 'A hook ran outside of a transaction.');
  return ctx as Ctx & { readonly tx: Tx };
}

/** The id that a link holds, as a list: empty where it holds none. */
export function linkedIds(link: Json | undefined): string[] {
  if (typeof link === 'string') return [link];
  const isLink = link !== null && typeof link === 'object' && !Array.isArray(link);
  return isLink && typeof link.id === 'string' ? [link.id] : [];
}

/** That a user is in a team or a territory; keyed by which of the two it is. */
export type Membership = { readonly member: string } & { readonly [group: string]: string };

/** Which memberships a batch of `core.teamMember` or `core.territoryMember` begins and which it ends; `group` is the key of their link. */
export function membershipsOf(
  batch: HookBatch<RecordData>,
  group: 'team' | 'territory',
): { added: Membership[]; removed: Membership[] } {
  // Rows that go or come back are given as both old and new.
  const stoodBefore = batch.operation !== 'create' && batch.operation !== 'restore';
  const standsAfter = batch.operation !== 'delete' && batch.operation !== 'purge';
  const moved = batch.rows
    .map(({ old, next }) => ({ before: stoodBefore ? old : null, after: standsAfter ? next : null }))
    .map(({ before, after }) => ({ before: membershipOf(before, group), after: membershipOf(after, group) }))
    .filter(({ before, after }) => before?.member !== after?.member || before?.[group] !== after?.[group]);
  return {
    added: moved.flatMap(({ after }) => after ?? []),
    removed: moved.flatMap(({ before }) => before ?? []),
  };
}

function membershipOf(row: Readonly<RecordData> | null, group: string): Membership | null {
  const [id] = linkedIds(row?.[group]);
  const [member] = linkedIds(row?.user);
  return id === undefined || member === undefined ? null : { [group]: id, member };
}

/**
 * The first statement of what raises the members of teams and territories (`alone`), and of what makes members (not `alone`). Whoever
 * comes in while a team or territory changes, and is not seen by the change yet, waits for it, and so loads what stands then.
 */
export async function lockMembers(tx: Tx, options: { alone: boolean }): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock${options.alone ? '' : '_shared'}(hashtext('trellis.territory_tree'))`);
}
