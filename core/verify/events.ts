import { setTimeout as wait } from 'node:timers/promises';
import type { VerifyActor } from './actors.js';
import type { Seen } from './seen.js';
import type { Finding } from './types.js';
import type { World } from './world.js';

/** Milliseconds until a stream that tells nothing is given up. */
const patienceMs = 120_000;

interface Told {
  readonly topic: string;
  readonly payload: { readonly entity?: string; readonly ids?: readonly string[] };
}

/**
 * Writes to hidden records while the actor listens: its stream must tell what it would have told without. That something of the entity
 * is purged is told by name to who reads by a condition (docs/security.md), so nothing is purged before such actors.
 */
export async function verifyEvents(url: string, world: World, actor: VerifyActor, seen: Seen): Promise<Finding[]> {
  const { focus } = actor;
  const marker = world.rows.get('core.savedView')?.[0];
  const hidden = (world.rows.get(focus) ?? []).filter(({ id }) => !(seen.get(focus)?.ids.has(id) ?? false));
  if (!marker || hidden.length === 0 || focus.startsWith('core.')) return [];
  // Whoever sees no view hears no mark, and nobody would know when the stream has told all.
  if (!(seen.get('core.savedView')?.ids.has(marker.id) ?? false)) return [];
  const stop = new AbortController();
  const told: Told[] = [];
  const open = await fetch(`${url}/api/events`, {
    headers: world.readerHeaders,
    signal: stop.signal,
  });
  const ended = read(open, told).catch(() => undefined);
  let n = 0;
  const mark = async (): Promise<number> => {
    const from = told.length;
    const deadline = Date.now() + patienceMs;
    const isTold = (): boolean => told.slice(from).some(({ payload }) => payload.ids?.includes(marker.id));
    // What a stream tells of begins somewhat later than it opens, so the mark is made again.
    for (let next = 0; !isTold(); await wait(25)) {
      if (Date.now() > deadline) throw new Error('The event stream told nothing.');
      if (Date.now() < next) continue;
      const body = { name: `Verify mark ${++n}` };
      await world.admin({ method: 'PATCH', path: `/api/records/core.savedView/${marker.id}`, body });
      next = Date.now() + 5_000;
    }
    return told.length;
  };
  try {
    const from = await mark();
    const base = `/api/records/${focus}`;
    const live = hidden.filter((row) => row.n !== 2 && row.n !== 5);
    for (const { id } of live)
      await world.admin({ method: 'PATCH', path: `${base}/${id}`, body: { externalId: `v${id}` } });
    for (const { id } of live.slice(1)) await world.admin({ method: 'DELETE', path: `${base}/${id}` });
    if (!isConditional(actor))
      for (const { id } of live.slice(1)) await world.admin({ method: 'POST', path: `${base}/${id}/purge` });
    await mark();
    const odd = told.slice(from).filter(({ payload }) => payload.entity === focus);
    return odd.map((event) => ({
      kind: 'visible' as const,
      actor: actor.name,
      probe: `events: a hidden record of ${focus} was written`,
      left: JSON.stringify(event).slice(0, 200),
      right: 'nothing',
    }));
  } finally {
    stop.abort();
    await ended;
  }
}

function isConditional({ shows, isByOwner }: VerifyActor): boolean {
  return shows === null || !isByOwner;
}

async function read(answer: Response, told: Told[]): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) told.push(JSON.parse(data) as Told);
    }
  }
}
