import type { Log } from '../base/log.js';
import type { Database } from '../storage/index.js';
import { sessionDays } from './types.js';

/** Milliseconds in which a use is written at most once for each credential. */
const touchEveryMs = 60_000;
const flushEveryMs = 15_000;

/** Remembers which credentials were used and writes that in batches, so that no request waits for it. */
export interface Toucher {
  touch(credential: { kind: 'session' | 'apiKey'; id: string }): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export function createToucher(input: { database: Database; log: Log; now(): Date }): Toucher {
  const lastTouch = new Map<string, number>();
  const waiting = { session: new Map<string, Date>(), apiKey: new Map<string, Date>() };
  const flush = async (): Promise<void> => {
    const oldest = input.now().getTime() - touchEveryMs;
    for (const [id, at] of lastTouch) if (at < oldest) lastTouch.delete(id);
    for (const kind of ['session', 'apiKey'] as const) {
      const used = [...waiting[kind]];
      waiting[kind].clear();
      if (used.length > 0)
        await input.database.query({
          text: updateText[kind],
          values: [used.map(([id]) => id), used.map(([, at]) => at)],
        });
    }
  };
  const timer = setInterval(() => {
    // A lost touch only makes "last used" a little older, so the next round goes on; the log says why.
    flush().catch((error: unknown) => input.log.warn({ err: String(error) }, 'last use of credentials not written'));
  }, flushEveryMs);
  timer.unref();
  return {
    touch({ kind, id }) {
      const at = input.now();
      if (at.getTime() - (lastTouch.get(id) ?? 0) < touchEveryMs) return;
      lastTouch.set(id, at.getTime());
      waiting[kind].set(id, at);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

const updateText = {
  session: `update trellis.session s set last_seen_at = used.at, expires_at = used.at + interval '${sessionDays} days'
from unnest($1::uuid[], $2::timestamptz[]) used (id, at) where s.id = used.id and s.expires_at > used.at`,
  apiKey: `update trellis.api_key k set last_used_at = used.at
from unnest($1::uuid[], $2::timestamptz[]) used (id, at) where k.id = used.id`,
} as const;
