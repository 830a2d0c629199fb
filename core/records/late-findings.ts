import type { Draft } from './draft.js';

/** Findings that came after the rows were written: the transaction must go, and the rest be tried without these rows. */
export class LateFindings extends Error {
  constructor(readonly drafts: readonly Draft[]) {
    super('findings after the write');
  }
}
