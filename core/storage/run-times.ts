/** How long statements take by a plan that was kept, and by one made anew for their values. */
export interface RunTimes {
  note(text: string, plan: 'kept' | 'new', durationMs: number): void;
  /** True while the kept plan of a text has shown to be the slower one. */
  prefersNew(text: string): boolean;
}

interface Times {
  /** Floating means in milliseconds; they start at 0, so that one slip of the machine counts little, a very slow run at once. */
  kept: number;
  fresh: number;
  /** Until when the plan is made anew; 0: it is kept. */
  newUntil: number;
}

/** A kept plan with a higher mean (milliseconds) is on trial. */
const slowMs = 30;
/** Share of the last run in the mean. */
const weight = 0.2;
/** Milliseconds after which a kept plan gets another chance: data and values change. */
const chanceMs = 300_000;
/** Texts remembered; beyond that all begin anew. */
const textsAtMost = 2_000;

/**
 * A text whose kept plan is slow on average is planned anew. Where that is not twice as fast, the plan was not at fault (the
 * statement is a long one, or the machine is busy), and planning is saved again.
 */
export function createRunTimes(now: () => number = () => performance.now()): RunTimes {
  const known = new Map<string, Times>();
  return {
    note(text, plan, durationMs) {
      let times = known.get(text);
      if (!times) {
        if (known.size >= textsAtMost) known.clear();
        known.set(text, (times = { kept: 0, fresh: 0, newUntil: 0 }));
      }
      if (plan === 'kept') {
        times.kept += weight * (durationMs - times.kept);
        if (times.kept > slowMs) Object.assign(times, { fresh: 0, newUntil: now() + chanceMs });
      } else {
        times.fresh += weight * (durationMs - times.fresh);
        if (times.fresh * 2 > times.kept) known.delete(text);
      }
    },
    prefersNew(text) {
      const times = known.get(text);
      if (times === undefined || times.newUntil === 0) return false;
      if (times.newUntil > now()) return true;
      known.delete(text);
      return false;
    },
  };
}
