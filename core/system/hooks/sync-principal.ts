import { broken, defineHook, type Ctx, type HookBatch, type RecordData } from '#sdk';

type PrincipalType = 'user' | 'team' | 'territory';

/** Keep `core.principal` in step with users, teams and territories, a batch at a time. */
export const principalHooks = (['user', 'team', 'territory'] as const).flatMap((type) => [
  defineHook({
    id: `core.write-${type}-principal`,
    entity: `core.${type}`,
    phase: 'after',
    on: ['create', 'update', 'restore'],
    fields: ['name', 'externalId'],
    run: (ctx, batch) => writePrincipals(ctx, type, batch),
  }),
  defineHook({
    id: `core.delete-${type}-principal`,
    entity: `core.${type}`,
    phase: 'after',
    on: ['delete', 'purge'],
    run: deletePrincipals,
  }),
]);

/** One row a user, team or territory, under the same id. */
export function principalRows(
  type: PrincipalType,
  rows: readonly { id: string; next: Readonly<RecordData> }[],
): RecordData[] {
  return rows.map(({ id, next }) => ({ id, type, name: next.name ?? id, externalId: next.externalId ?? null }));
}

async function writePrincipals(ctx: Ctx, type: PrincipalType, batch: HookBatch<RecordData>): Promise<void> {
  const system = ctx.asSystem('keep principals in step');
  await allAccepted(
    system.records.bulk(system, {
      entity: 'core.principal',
      mode: 'upsert',
      key: 'id',
      rows: principalRows(type, batch.rows),
      atomic: true,
      revive: true,
    }),
  );
}

async function deletePrincipals(ctx: Ctx, batch: HookBatch<RecordData>): Promise<void> {
  const system = ctx.asSystem('keep principals in step');
  if (batch.operation === 'delete') {
    await allAccepted(
      system.records.bulk(system, {
        entity: 'core.principal',
        mode: 'delete',
        key: 'id',
        rows: batch.rows.map(({ id }) => ({ id })),
        atomic: true,
      }),
    );
    return;
  }
  for (const { id } of batch.rows) await system.records.purge(system, { entity: 'core.principal', id });
}

async function allAccepted(results: ReturnType<Ctx['records']['bulk']>): Promise<void> {
  const refused = (await results).find((result) => result.status === 'refused');
  if (refused?.status === 'refused')
    throw broken(
      'core.principal_out_of_step',
      `The principal could not be written: ${refused.issues[0]?.message ?? 'refused'}`,
    );
}
