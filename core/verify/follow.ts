import { setTimeout as wait } from 'node:timers/promises';
import type { Probe } from './probe.js';
import { dataOf, type Answer, type Ask, type Speaker } from './speak.js';

/** Milliseconds until an import that does not end is given up. */
const patienceMs = 120_000;

/** The answer of a question and, where it leads on, all that come behind it, one after the other. */
export async function follow(reader: Speaker, ask: Ask, how: Probe['follow']): Promise<Answer> {
  const first = await reader(ask);
  if (how === 'pages' && first.status === 200) return allPages(reader, ask, first);
  return how === 'import' && first.status === 201 ? outcome(reader, first) : first;
}

async function allPages(reader: Speaker, ask: Ask, first: Answer): Promise<Answer> {
  const texts = [first.text];
  for (let next = nextOf(first); next !== null;) {
    const page = await reader({ ...ask, path: `${ask.path}&after=${encodeURIComponent(next)}` });
    texts.push(page.text);
    next = page.status === 200 ? nextOf(page) : null;
  }
  return { ...first, text: texts.join('\n') };
}

function nextOf({ text }: Answer): string | null {
  return (JSON.parse(text) as { page: { next: string | null } }).page.next;
}

/** Starts an import, waits for its end, and puts its last state and its refused rows behind the first answer. */
async function outcome(reader: Speaker, first: Answer): Promise<Answer> {
  const path = `/api/imports/${dataOf<{ id: string }>(first).id}`;
  const started = await reader({ method: 'POST', path: `${path}/start`, body: {} });
  if (started.status !== 202) return { ...first, text: `${first.text}\n${started.text}` };
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const state = await reader({ path });
    if (dataOf<{ status: string }>(state).status !== 'running') {
      const refused = await reader({ path: `${path}/refused` });
      return { ...first, text: [first.text, state.text, refused.text].join('\n') };
    }
    if (Date.now() > deadline) throw new Error('An import did not end.');
    await wait(25);
  }
}
