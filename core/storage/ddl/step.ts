import { dataSchema } from './names.js';

/** Lock that a statement takes on its table, in PostgreSQL's words; `NONE` where the table is new or none. */
export type DdlLock =
  'NONE' | 'ACCESS SHARE' | 'SHARE UPDATE EXCLUSIVE' | 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE';

/** One statement of a plan. */
export interface DdlStep {
  readonly sql: string;
  readonly kind: 'create' | 'alter' | 'index' | 'drop' | 'function';
  readonly entity: string;
  /** Table that it works on, unqualified. */
  readonly table: string;
  /** Strongest lock on that table. */
  readonly lock: DdlLock;
  /** Estimated rows of that table; 0 where it is new. */
  readonly rows: number;
  /** Holds readers or writers up for longer than a moment. */
  readonly blocking: boolean;
  /** Not run now: recorded as pending and built by the job `core.build-indexes`. */
  readonly concurrent: boolean;
  /** Name of the index that it makes or drops. */
  readonly index?: string;
  /** Of an index that is made otherwise than by its definition: that. */
  readonly definition?: string;
  /** Adds only, so that what stands beside it (the other indexes) makes no difference to it. */
  readonly adds?: boolean;
  /** Further tables that it names, unqualified. */
  readonly needs: readonly string[];
  /** What a change of kind does to the values; asked by `findLostValues` before it runs. */
  readonly conversion?: Conversion;
  /** The same for the tables of another schema, in a transaction; null where it touches no table of entities. */
  within(schema: string): string | null;
}

/** A change of a column's type. */
export interface Conversion {
  /** Key of the field. */
  readonly field: string;
  readonly from: string;
  readonly to: string;
  /** Statement that counts values which do not convert: `n`, and up to five `samples` as text. */
  readonly lost: string;
  /** The same for values of unique fields that become equal. */
  readonly duplicates: readonly string[];
  /** Done row by row beside the writers, before the change: asked for without a lock. */
  readonly isCopied: boolean;
}

/** What a step says beside its text. */
export type StepFacts = Omit<DdlStep, 'sql' | 'within' | 'blocking' | 'concurrent' | 'rows' | 'needs'> &
  Partial<Pick<DdlStep, 'blocking' | 'concurrent' | 'rows' | 'needs'>>;

/** A step whose text is a function of the schema in which the tables stand. */
export function makeStep(facts: StepFacts, text: (schema: string) => string): DdlStep {
  return { rows: 0, blocking: false, concurrent: false, needs: [], ...facts, sql: text(dataSchema), within: text };
}

/** A step on the kernel's own tables: nothing to try on a shadow. */
export function makeKernelStep(facts: StepFacts, sql: string): DdlStep {
  return { rows: 0, blocking: false, concurrent: false, needs: [], ...facts, sql, within: () => null };
}
