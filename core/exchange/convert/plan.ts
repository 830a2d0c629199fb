import { invalid } from '../../base/errors.js';
import { didYouMean } from '../../base/suggest.js';
import type { CoerceEnv, FieldModel } from '../../schema/index.js';
import type { Target } from '../mapping/targets.js';
import type { ColumnMapping } from '../types.js';

/** One mapped column, ready for use. */
export interface PlannedColumn {
  readonly index: number;
  readonly column: string;
  readonly target: Target;
  readonly matchBy: string;
}

/** How rows of one file become values of one entity. */
export interface RowPlan {
  readonly width: number;
  readonly columns: readonly PlannedColumn[];
  readonly env: CoerceEnv;
  /** What becomes of cells that cannot be kept. */
  readonly onBadCell: 'auto' | 'ignore' | 'refuse';
}

/** Throws import.unknown_column, import.unknown_field (with a suggestion; also for what a link is matched by), import.field_twice. */
export function planRows(input: {
  columns: readonly string[];
  mapping: readonly ColumnMapping[];
  targets: ReadonlyMap<string, Target>;
  matches: (field: FieldModel, matchBy: string) => boolean;
  env: CoerceEnv;
  onBadCell: RowPlan['onBadCell'];
}): RowPlan {
  const { columns, targets } = input;
  const taken = new Map<string, string>();
  const planned: PlannedColumn[] = [];
  for (const entry of input.mapping) {
    const index = columns.indexOf(entry.column);
    if (index < 0)
      throw invalid(
        'import.unknown_column',
        `The file has no column "${entry.column}".${didYouMean(entry.column, columns)}`,
        { params: { column: entry.column } },
      );
    if (entry.field === null || entry.field === '') continue;
    const target = targets.get(entry.field);
    if (!target)
      throw invalid(
        'import.unknown_field',
        `"${entry.field}" is not a field that can be imported.${didYouMean(entry.field, targets.keys())}`,
        { params: { field: entry.field } },
      );
    const other = taken.get(target.path) ?? (target.member === null ? undefined : taken.get(target.field.key));
    if (other !== undefined)
      throw invalid(
        'import.field_twice',
        `"${target.path}" is filled by two columns: "${other}" and "${entry.column}".`,
        { params: { field: target.path } },
      );
    taken.set(target.path, entry.column);
    const { matchBy } = entry;
    if (matchBy !== undefined && !target.field.kind.relation)
      throw invalid(
        'import.match_of_no_link',
        `"${target.path}" holds values of its own: nothing is to be found by "${matchBy}".`,
        { params: { field: target.path, matchBy }, hint: 'Leave "matchBy" out; it is for links.' },
      );
    if (matchBy !== undefined && !input.matches(target.field, matchBy))
      throw invalid(
        'import.unknown_match',
        `Records for ${target.field.title} cannot be found by "${matchBy}": there is no such field.`,
        { params: { field: target.path, matchBy }, hint: 'Match by id, externalId, title, or a field of its records.' },
      );
    planned.push({ index, column: entry.column, target, matchBy: entry.matchBy ?? 'id' });
  }
  if (planned.length === 0)
    throw invalid('import.nothing_mapped', 'No column is mapped to a field.', {
      hint: 'Choose a field for at least one column.',
    });
  return { width: columns.length, columns: planned, env: input.env, onBadCell: input.onBadCell };
}
