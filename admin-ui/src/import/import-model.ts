import type { ImportAnswer, ImportColumn, ImportProblem, ImportStatus } from '../api/index.js';
import type { CatalogEntity, CatalogField } from '../meta/index.js';

export type ImportStep = 'upload' | 'map' | 'run' | 'result';

/** A field that a column may fill; parts of an address are targets of their own. */
export interface ImportTarget {
  path: string;
  title: string;
  field: CatalogField;
}

const SETTABLE = new Set(['externalId', 'id', 'ownerId', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy']);

/** What columns of a file can fill, in the order of the entity; system fields last. */
export function importTargets(entity: CatalogEntity, partTitle: (part: string) => string): ImportTarget[] {
  const own = entity.fields.filter((field) => !field.system && !field.readOnly);
  const system = entity.fields.filter((field) => field.system && SETTABLE.has(field.key));
  return [...own, ...system].flatMap((field) => [
    { path: field.key, title: field.title, field },
    ...partsOf(field).map((part) => ({
      path: `${field.key}.${part}`,
      title: `${field.title}: ${partTitle(part)}`,
      field,
    })),
  ]);
}

/** The members of a structured value (an address), from its schema. */
function partsOf(field: CatalogField): string[] {
  const properties = field.schema.properties;
  return field.exprType === 'object' && typeof properties === 'object' && properties !== null
    ? Object.keys(properties)
    : [];
}

/** Fields of a link's target by which it can be found. */
export function matchFields(target: CatalogEntity | undefined): CatalogField[] {
  if (!target) return [];
  return target.fields.filter(
    (field) => field.key === 'id' || field.key === 'externalId' || field.key === target.titleField || field.unique,
  );
}

/** Fields by which rows can find their record on update and upsert. */
export function keyFields(entity: CatalogEntity, mapping: readonly ImportColumn[]): CatalogField[] {
  const filled = new Set(mapping.map((column) => column.field));
  return entity.fields.filter(
    (field) => (field.key === 'id' || field.key === 'externalId' || field.unique) && filled.has(field.key),
  );
}

/** The mapping with one column changed; a field is filled by one column, so that its former one is left out. */
export function remap(mapping: readonly ImportColumn[], column: string, change: Partial<ImportColumn>): ImportColumn[] {
  return mapping.map((one) => {
    if (one.column === column)
      return {
        ...one,
        ...(change.field !== undefined && change.field !== one.field ? { matchBy: undefined } : {}),
        ...change,
        guessed: false,
      };
    return change.field && one.field === change.field
      ? { ...one, field: null, matchBy: undefined, guessed: false }
      : one;
  });
}

/** Where the wizard stands. */
export function stepOf(answer: Pick<ImportAnswer, 'status'> | null): ImportStep {
  if (answer === null) return 'upload';
  if (answer.status === 'ready') return 'map';
  return isMoving(answer.status) ? 'run' : 'result';
}

/** Something is being written or taken back right now. */
export function isMoving(status: ImportStatus): boolean {
  return status === 'running' || status === 'undoing';
}

/** Share of the rows that are dealt with, 0 to 100; whole numbers, and 100 only when all are. */
export function percentDone(answer: Pick<ImportAnswer, 'done' | 'total'>): number {
  if (answer.total <= 0) return 0;
  return answer.done >= answer.total ? 100 : Math.min(99, Math.floor((answer.done / answer.total) * 100));
}

/** The problem of one cell of the preview: by column name, or by the field that the column fills; errors before warnings. */
export function problemAt(problems: readonly ImportProblem[], column: ImportColumn): ImportProblem | undefined {
  const found = problems.filter(
    (problem) =>
      problem.column === column.column ||
      (problem.column === undefined && column.field !== null && problem.field === column.field),
  );
  return found.find((problem) => problem.severity !== 'warning') ?? found[0];
}

/** `params` are those of the first cell. */
interface ProblemGroup {
  column: string;
  code: string;
  message: string;
  params?: Record<string, unknown>;
  severity: 'error' | 'warning';
  count: number;
}

/** Problems of the preview that say the same of the same column, once, with how many cells they strike; errors first. */
export function problemSummary(rows: readonly { problems: readonly ImportProblem[] }[]): ProblemGroup[] {
  const found = new Map<string, ProblemGroup>();
  for (const row of rows)
    for (const problem of row.problems) {
      const column = problem.column ?? problem.field ?? '';
      const key = `${column} ${problem.code}`;
      const known = found.get(key);
      if (known) known.count++;
      else
        found.set(key, {
          column,
          code: problem.code,
          message: problem.message,
          ...(problem.params ? { params: problem.params } : {}),
          severity: problem.severity ?? 'error',
          count: 1,
        });
    }
  return [...found.values()].sort(
    (left, right) =>
      Number(left.severity === 'warning') - Number(right.severity === 'warning') || right.count - left.count,
  );
}

/** The value that a column puts into a previewed row. */
export function previewValue(values: Readonly<Record<string, unknown>>, path: string): unknown {
  const [key = '', part] = path.split('.');
  const value = values[key];
  if (part === undefined) return value;
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
}
