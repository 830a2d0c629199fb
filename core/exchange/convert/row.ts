import type { FieldModel } from '../../schema/index.js';
import type { Json } from '../../sdk/index.js';
import type { Cell, SourceRow } from '../read/cell.js';
import type { ImportProblem } from '../types.js';
import { convertCell, convertMember, convertObject } from './cells.js';
import { linkRefs } from './link-cells.js';
import type { PlannedColumn, RowPlan } from './plan.js';

/** A cell that names another record. */
export interface LinkRef {
  readonly field: FieldModel;
  readonly column: string;
  readonly matchBy: string;
  readonly value: string;
  readonly label?: string;
  /** Entity that the cell itself names (`contacts.contact:id`). */
  readonly entity?: string;
}

/** A source row in API form; links still have to be looked up. */
export interface ConvertedRow {
  readonly number: number;
  readonly cells: readonly Cell[];
  /** Null: the cell is there and empty. */
  readonly values: Record<string, Json>;
  readonly links: readonly LinkRef[];
  readonly problems: ImportProblem[];
}

/** Refusals that leave a record right, only poorer: the cell is left empty and the row kept, unless told otherwise. */
const FORGIVABLE = new Set([
  'field.choice',
  'phone.invalid',
  'phone.extension',
  'field.url',
  'address.country',
  'field.country',
]);

/** True where the row cannot be written. */
export function isRefused(row: ConvertedRow): boolean {
  return row.problems.some((problem) => problem.severity === 'error');
}

/** Converts one row. Never throws for what a file holds. */
export function convertRow(plan: RowPlan, row: SourceRow): ConvertedRow {
  const values: Record<string, Json> = {};
  const links: LinkRef[] = [];
  const problems: ImportProblem[] = [];
  if (row.problem)
    return {
      number: row.number,
      cells: row.cells,
      values,
      links,
      problems: [{ row: row.number, ...row.problem, severity: 'error' }],
    };
  const objects = new Map<FieldModel, { column: PlannedColumn; parts: Record<string, unknown> }>();
  for (const column of plan.columns) {
    const cell = row.cells[column.index] ?? null;
    const { field, member } = column.target;
    const complain = (found: { code: string; message: string }) =>
      problems.push(problemOf(plan, row.number, column, found, typeof cell === 'string' ? cell : null));
    if (member !== null) {
      const found = convertMember(cell, column.target);
      if ('empty' in found) continue;
      const known = objects.get(field) ?? { column, parts: {} };
      objects.set(field, known);
      if (found.ok) known.parts[member] = found.value;
      else complain(found);
      continue;
    }
    if (field.kind.relation) {
      const refs = linkRefs(cell, column);
      if (refs.length === 0) values[field.key] = field.kind.relation === 'many' ? [] : null;
      links.push(...refs);
      continue;
    }
    const found = convertCell(cell, field, plan.env);
    if ('empty' in found) values[field.key] = null;
    else if (found.ok) values[field.key] = found.value as Json;
    else complain(found);
  }
  for (const [field, { column, parts }] of objects) {
    const found = convertObject(parts, field, plan.env);
    if ('empty' in found) values[field.key] = null;
    else if (found.ok) values[field.key] = found.value as Json;
    else problems.push(problemOf(plan, row.number, column, found));
  }
  return { number: row.number, cells: row.cells, values, links, problems };
}

/** Characters of a cell that are told with its problem. */
const VALUE_SHOWN = 80;

/** What a bad cell means for its row. */
export function problemOf(
  plan: RowPlan,
  row: number,
  column: Pick<PlannedColumn, 'column' | 'target'>,
  found: { code: string; message: string },
  cell: string | null = null,
): ImportProblem {
  const { field, path } = column.target;
  const forgiven = plan.onBadCell === 'ignore' || (plan.onBadCell === 'auto' && FORGIVABLE.has(found.code));
  return {
    row,
    column: column.column,
    field: path,
    code: found.code,
    message: found.message,
    ...(cell === null || cell === '' ? {} : { params: { value: cell.slice(0, VALUE_SHOWN) } }),
    severity: forgiven && !field.required ? 'warning' : 'error',
  };
}
