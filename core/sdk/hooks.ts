import type { Ctx } from './context.js';
import type { RecordData } from './records.js';

export type HookOperation = 'create' | 'update' | 'delete' | 'restore' | 'purge';

/** One record of a batch. `old` is null on create; `next` is what will stand (before) or stands (after). */
export interface HookRow<R> {
  readonly id: string;
  readonly old: Readonly<R> | null;
  readonly next: Readonly<R>;
  /** Keys whose value differs from the old one; on create all given keys. */
  readonly changed: ReadonlySet<string>;
}

export interface HookBatch<R> {
  readonly entity: string;
  readonly operation: HookOperation;
  readonly rows: readonly HookRow<R>[];
}

/**
 * Plugin code at a named phase of a write, inside its transaction, for a batch of rows (a batch of one is a batch).
 * A `before` hook may return one patch a row (null: leave it); throwing a TrellisError refuses the write.
 * Hooks that only normalise values should not query row by row: fetch what the whole batch needs in one read.
 */
export interface HookDefinition<R = RecordData> {
  /** `plugin.verb-object`, unique. */
  id: string;
  /** Its id; `*`: every entity, for rooms of the kernel. */
  entity: string;
  phase: 'before' | 'after';
  on: readonly HookOperation[];
  /** Ids of hooks that must run later than this one. */
  before?: readonly string[];
  /** Ids of hooks that must run earlier than this one. */
  after?: readonly string[];
  /** Fields whose change makes the hook worth running; absent: always. On create it runs if any is given or `always`. */
  fields?: readonly string[];
  run(
    ctx: Ctx,
    batch: HookBatch<R>,
  ): Promise<readonly (Partial<R> | null)[] | void> | readonly (Partial<R> | null)[] | void;
}

/** Where rooms above records register into the write pipeline; bound by app.module. */
export interface HookRegistry {
  register(hook: HookDefinition<never>): void;
}
