import type { FastifyRequest } from 'fastify';
import { conflict, invalid } from '../base/errors.js';
import type { Ctx, JobDefinition, Tx } from '../sdk/index.js';
import type { Database } from '../storage/index.js';

/** One request that must not count twice. */
export interface IdempotentCall {
  readonly key: string;
  /** Method and address with its parameters. */
  readonly route: string;
  readonly bodyHash: Buffer;
}

/** The call of a request with an Idempotency-Key, or null where it has none. Throws request.idempotency_key. */
export function idempotentCall(request: FastifyRequest, bodyHash: Buffer | null): IdempotentCall | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    throw invalid('request.idempotency_key', 'Idempotency-Key must have 1 to 200 visible ASCII characters.');
  return {
    key,
    route: `${request.method} ${request.raw.url ?? ''}`.slice(0, 2000),
    bodyHash: bodyHash ?? Buffer.alloc(0),
  };
}

/**
 * Runs a short write together with its note in one transaction: the note stands exactly if the write does. A repeat gets
 * what was kept and runs nothing. Throws idempotency.running (409), idempotency.mismatch (422).
 */
export async function runOnce(
  ctx: Ctx,
  call: IdempotentCall,
  work: (inside: Ctx & { readonly tx: Tx }) => Promise<string>,
): Promise<{ kept: string; isReplay: boolean }> {
  const actor = actorOf(ctx);
  return ctx.records.transaction(ctx, async (inside) => {
    const [lock] = await inside.tx.query<{ ok: boolean }>(
      'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as ok',
      [JSON.stringify([actor, call.key, call.route])],
    );
    if (!lock.ok) throw running();
    const [note] = await inside.tx.query<Note>(
      `select body_hash, response from trellis.idempotency where actor = $1 and key = $2 and route = $3 and created_at > $4`,
      [actor, call.key, call.route, keptSince(ctx)],
    );
    if (note) {
      checkNote(note, call);
      if (note.response === null) throw running();
      return { kept: note.response, isReplay: true };
    }
    const kept = await work(inside);
    await inside.tx.query(keepText, [actor, call.key, call.route, call.bodyHash, 200, kept, ctx.now()]);
    return { kept, isReplay: false };
  });
}

/**
 * Runs a long write that has transactions of its own, between a claim and its answer. The claim says every few seconds that its
 * holder lives; one that is silent for a minute died with its process, and a repeat takes it over and runs again, once.
 * What the dead one had written is for `work` to know, see `runPiece`. Throws as `runOnce`.
 */
export async function runClaimed(
  database: Database,
  ctx: Ctx,
  call: IdempotentCall,
  work: () => Promise<string>,
): Promise<{ kept: string; isReplay: boolean }> {
  const identity = [actorOf(ctx), call.key, call.route];
  await database.query({
    text: 'delete from trellis.idempotency where actor = $1 and key = $2 and route = $3 and created_at <= $4',
    values: [...identity, keptSince(ctx)],
  });
  const claimed = await database.query({ text: claimText, values: [...identity, call.bodyHash] });
  if (claimed.length === 0) {
    const [note] = await database.query<Note>({
      text: 'select body_hash, response from trellis.idempotency where actor = $1 and key = $2 and route = $3',
      values: identity,
    });
    if (note === undefined) throw running();
    checkNote(note, call);
    if (note.response === null) throw running();
    return { kept: note.response, isReplay: true };
  }
  const alive = setInterval(
    () => {
      database
        .query({ text: aliveText, values: identity })
        .catch((error: unknown) => ctx.log.warn({ err: String(error) }, 'a claim could not be renewed'));
    },
    (silenceSeconds * 1_000) / 4,
  ).unref();
  try {
    const kept = await work();
    await database.query({ text: doneText, values: [...identity, kept] });
    return { kept, isReplay: false };
  } catch (error) {
    // What was written is in the notes of the pieces: the same key may try again.
    await database.query({
      text: 'delete from trellis.idempotency where actor = $1 and key = $2 and route = $3 and response is null',
      values: identity,
    });
    throw error;
  } finally {
    clearInterval(alive);
  }
}

/**
 * Runs one piece of a claimed write with its note in one transaction. A repeat after a crash gets the results of the pieces that were
 * written and runs the others. The notes go when the whole is done.
 */
export async function runPiece<T>(
  ctx: Ctx,
  call: IdempotentCall,
  piece: number,
  work: (inside: Ctx) => Promise<T>,
): Promise<T> {
  const { kept } = await runOnce(ctx, { ...call, route: `${call.route}#${piece}` }, async (inside) =>
    JSON.stringify(await work(inside)),
  );
  return JSON.parse(kept) as T;
}

/** The nightly job that forgets what is older than a day. */
export function cleanIdempotencyJob(database: Database): JobDefinition {
  return {
    name: 'core.clean-idempotency',
    schedule: '27 3 * * *',
    run: async (ctx) =>
      void (await database.query({
        text: 'delete from trellis.idempotency where created_at <= $1',
        values: [keptSince(ctx)],
      })),
  };
}

interface Note {
  body_hash: Buffer;
  response: string | null;
}

function checkNote(note: Note, call: IdempotentCall): void {
  if (!note.body_hash.equals(call.bodyHash))
    throw invalid('idempotency.mismatch', 'This Idempotency-Key came with another body before.', {
      hint: 'Use a new key for a new request.',
    });
}

function running(): Error {
  return conflict('idempotency.running', 'A request with this Idempotency-Key is under way.', {
    hint: 'Send it again in a minute: you get its answer, or it runs where the first one did not come to an end.',
  });
}

function actorOf(ctx: Ctx): string {
  return ctx.actor.kind === 'user' ? ctx.actor.userId : '00000000-0000-0000-0000-000000000000';
}

function keptSince(ctx: Ctx): Date {
  return new Date(ctx.now().getTime() - 86_400_000);
}

const keepText = `insert into trellis.idempotency (actor, key, route, body_hash, status, response, created_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (actor, key, route) do update set body_hash = excluded.body_hash, status = excluded.status, response = excluded.response, created_at = excluded.created_at`;

/** Seconds without a sign of life after which the holder of a claim is taken for dead. */
const silenceSeconds = 60;

// The server's clock on both sides: nodes need not agree on the time. Until it is answered, created_at is the last sign of life.
const claimText = `insert into trellis.idempotency as mine (actor, key, route, body_hash, created_at) values ($1, $2, $3, $4, now())
on conflict (actor, key, route) do update set created_at = now()
where mine.response is null and mine.body_hash = excluded.body_hash and mine.created_at < now() - interval '${silenceSeconds} seconds'
returning key`;

const aliveText =
  'update trellis.idempotency set created_at = now() where actor = $1 and key = $2 and route = $3 and response is null';

const doneText = `with pieces as (delete from trellis.idempotency where actor = $1 and key = $2 and starts_with(route, $3::text || '#'))
update trellis.idempotency set status = 200, response = $4, created_at = now() where actor = $1 and key = $2 and route = $3`;
