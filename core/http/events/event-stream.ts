import type { ServerResponse } from 'node:http';
import { isAdministrator, type Authenticated, type Identity } from '../../identity/index.js';
import type { Access } from '../../access/index.js';
import type { CatalogService } from '../../catalog/index.js';
import type { ContextFactory, Ctx, Json, OutboxEvent, UserActor } from '../../sdk/index.js';
import { readableIds } from './readable-ids.js';
import { createWaitingEvents } from './waiting-events.js';

/** Milliseconds between signs of life, so that proxies keep the line and ended sessions are noticed. */
const heartbeatMs = 25_000;
/** Milliseconds in which events are gathered before they are checked and sent together. */
const gatherMs = 200;
/** Bytes that a slow reader may leave unread before its stream ends; the browser comes back by itself. */
const backlogBytes = 1_048_576;

export interface StreamInput {
  readonly raw: ServerResponse;
  /** The credential as the client sent it; asked about again before anything is told. */
  readonly token: string;
  readonly authenticated: Authenticated;
  readonly contexts: ContextFactory;
  /** Sends the head of the answer. */
  readonly writeHead: () => void;
  readonly onEnd: () => void;
  readonly onSent?: (count: number) => void;
}

/** One client's line. */
export interface EventStream {
  readonly userId: string;
  hear(event: OutboxEvent): void;
  end(): void;
}

export interface StreamDeps {
  readonly identity: Identity;
  readonly access: Access;
  readonly catalog: CatalogService;
}

/** Sends what the actor may see, in order, batch by batch; ends with the session. */
export function createEventStream(deps: StreamDeps, input: StreamInput): EventStream {
  const { raw } = input;
  const waiting = createWaitingEvents();
  let timer: NodeJS.Timeout | null = null;
  let isSending = false;
  let hasEnded = false;

  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearInterval(heartbeat);
    if (timer !== null) clearTimeout(timer);
    raw.end();
    input.onEnd();
  };
  const write = (text: string): void => {
    if (hasEnded) return;
    if (raw.writableLength > backlogBytes) end();
    else raw.write(text);
  };
  const present = async (): Promise<Ctx | null> => {
    const authenticated = await deps.identity.authenticate(input.token);
    if (authenticated === null || authenticated.mustChange) return null;
    return input.contexts.forActor(authenticated.actor);
  };
  const send = async (): Promise<void> => {
    const ctx = await present();
    if (ctx === null) return end();
    const messages: string[] = [];
    for (const event of waiting.take()) {
      const payload = await visiblePayload(deps, ctx, event);
      if (payload !== null)
        messages.push(`event: ${event.topic}\ndata: ${JSON.stringify({ topic: event.topic, payload })}\n\n`);
    }
    if (messages.length === 0) return;
    write(messages.join(''));
    input.onSent?.(messages.length);
  };
  const schedule = (): void => {
    if (timer !== null || isSending || hasEnded) return;
    timer = setTimeout(() => {
      timer = null;
      isSending = true;
      // Events are hints: where one batch cannot be checked, the line is cut and the client loads anew.
      send().then(
        () => {
          isSending = false;
          if (!waiting.isEmpty()) schedule();
        },
        () => end(),
      );
    }, gatherMs);
  };
  const heartbeat = setInterval(() => {
    present().then(
      (ctx) => (ctx === null ? end() : write(': alive\n\n')),
      () => end(),
    );
  }, heartbeatMs);
  raw.once('close', end);
  input.writeHead();
  write('retry: 3000\n\n');
  return {
    userId: input.authenticated.actor.userId,
    hear(event) {
      waiting.add(event);
      schedule();
    },
    end,
  };
}

/** What of an event the actor may know; null: nothing. */
async function visiblePayload(deps: StreamDeps, ctx: Ctx, event: OutboxEvent): Promise<Json> {
  const payload = event.payload as { [key: string]: Json } | null;
  if (payload === null || typeof payload !== 'object') return null;
  if (event.topic === 'catalog.changed') return { epoch: payload.epoch ?? null };
  if (event.topic === 'record.changed') {
    const ids = await readableIds(deps, ctx, {
      entity: String(payload.entity),
      ids: payload.ids as string[],
      operation: String(payload.operation),
      owners: (payload.owners ?? {}) as Readonly<Record<string, string | null>>,
    });
    return ids === null ? null : { entity: payload.entity, operation: payload.operation, ids };
  }
  if (['job.changed', 'backup.progress', 'storage.progress'].includes(event.topic))
    return isAdministrator(ctx) ? payload : null;
  // Everything else is for whom it names, and for nobody where it names nobody.
  return ctx.actor.kind === 'user' && payload.userId === ctx.actor.userId && isInScope(ctx.actor, payload)
    ? payload
    : null;
}

/** A key that is narrowed to entities hears of these alone, of imports too. */
function isInScope({ scopes }: UserActor, payload: { [key: string]: Json }): boolean {
  const { entity } = payload;
  return ['read', 'write'].some(
    (verb) =>
      scopes === null || scopes.includes(verb) || (typeof entity === 'string' && scopes.includes(`${entity}:${verb}`)),
  );
}
