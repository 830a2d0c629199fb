import type { PlannedStatement } from '../../../schemas/studio.js';
import type { DdlStep } from '../../storage/index.js';

/** A step of storage as plans show it. */
export function toStatement({ sql, kind, entity, rows, lock, concurrent }: DdlStep): PlannedStatement {
  return { sql, kind, entity, rows, lock, concurrent };
}
