import type { Log } from '../base/log.js';

/** Timers and tasks of one start, stopped together. */
export interface Rhythm {
  /** Runs `work` at most once at a time; calls during a run are answered by one more run. Failures are logged and tried again at the next call. */
  task(work: () => Promise<void>): () => void;
  every(ms: number, run: () => void): void;
  onStop(undo: () => Promise<void>): void;
  /** Stops timers, lets no task begin, waits for the running ones. */
  stop(): Promise<void>;
}

export function createRhythm(log: Log): Rhythm {
  const timers: NodeJS.Timeout[] = [];
  const undos: (() => Promise<void>)[] = [];
  const active = new Set<Promise<void>>();
  let stopped = false;

  return {
    task(work) {
      let current: Promise<void> | null = null;
      let again = false;
      const run = (): void => {
        if (stopped) return;
        if (current !== null) {
          again = true;
          return;
        }
        const promise = work()
          .catch((error: unknown) =>
            log.warn({ err: String(error) }, 'job room: a task failed, it will be tried again'),
          )
          .finally(() => {
            active.delete(promise);
            current = null;
            if (again) {
              again = false;
              run();
            }
          });
        current = promise;
        active.add(promise);
      };
      return run;
    },
    every(ms, run) {
      timers.push(setInterval(run, ms).unref());
    },
    onStop: (undo) => void undos.push(undo),
    async stop() {
      stopped = true;
      timers.forEach((timer) => clearInterval(timer));
      await Promise.all([...active, ...undos.map((undo) => undo())]);
    },
  };
}
