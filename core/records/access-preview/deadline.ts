import { setImmediate } from 'node:timers/promises';
import type { Ctx } from '../../sdk/index.js';

/** How long something may take in all. Nothing is left as soon as whoever asked has gone. */
export interface Deadline {
  leftMs(): number;
  /** Lets whatever else waits for this process run first. */
  isOver(): Promise<boolean>;
}

/** Begins now. */
export function deadlineIn(ctx: Ctx, ms: number): Deadline {
  const startedAt = performance.now();
  const leftMs = (): number => (ctx.signal.aborted ? 0 : ms - (performance.now() - startedAt));
  return {
    leftMs,
    async isOver() {
      await setImmediate();
      return leftMs() <= 0;
    },
  };
}
