import { isTrellisError } from '../base/errors.js';
import type { Catalog } from '../catalog/index.js';
import type { Ctx } from '../sdk/index.js';
import { convertCell, convertMember } from './convert/cells.js';
import type { ConvertedRow } from './convert/row.js';
import { convertRow } from './convert/row.js';
import type { ExchangeDeps } from './deps.js';
import type { ImportEntity } from './import-env.js';
import { coerceEnv, planOf } from './import-env.js';
import { resolveLinks } from './links/resolve.js';
import type { ColumnSample } from './mapping/guess.js';
import { guessMapping, matchByOf } from './mapping/guess.js';
import type { SourceRow, Source } from './read/cell.js';
import { cellText } from './read/cell.js';
import type { ColumnMapping, ImportOptions, ImportProblem, PreviewRow } from './types.js';

const PREVIEW_ROWS = 20;
const SAMPLES = 200;
const MAX_PROBLEMS = 100;

/** What one pass over a file tells. */
export interface Scan {
  readonly total: number;
  readonly samples: readonly ColumnSample[];
  /** The first rows. */
  readonly head: readonly SourceRow[];
  /** Rows that cannot be read at all, the first hundred. */
  readonly problems: readonly ImportProblem[];
}

/** Reads a source once; only its first rows where `rowsAtMost` says so: `total` is then no more than that. */
export async function scan(source: Source, rowsAtMost = Infinity): Promise<Scan> {
  const samples = source.columns.map((column): { column: string; samples: string[] } => ({ column, samples: [] }));
  const head: SourceRow[] = [];
  const problems: ImportProblem[] = [];
  let total = 0;
  for await (const batch of source.rows()) {
    if (total >= rowsAtMost) break;
    for (const row of batch) {
      total++;
      if (head.length < PREVIEW_ROWS) head.push(row);
      if (row.problem && problems.length < MAX_PROBLEMS)
        problems.push({ row: row.number, ...row.problem, severity: 'error' });
      for (let at = 0; at < samples.length; at++) {
        if (samples[at].samples.length >= SAMPLES) continue;
        const text = cellText(row.cells[at] ?? null);
        if (text !== null && text.trim() !== '') samples[at].samples.push(text);
      }
    }
  }
  return { total, samples, head, problems };
}

/** The mapping that headers and contents suggest. */
export function guess(
  ctx: Ctx,
  catalog: Catalog,
  entity: ImportEntity,
  samples: readonly ColumnSample[],
  options: ImportOptions,
): ColumnMapping[] {
  const env = coerceEnv(ctx, options);
  const documents = [...new Set(['en', ...catalog.locales])].map((locale) => {
    const definition = catalog.definitions('entity').get(entity.model.id);
    return definition
      ? (catalog.localized(definition, locale).properties as Record<string, { title?: string }> | undefined)
      : undefined;
  });
  return guessMapping({
    columns: samples,
    targets: entity.targets,
    ignored: new Set([...entity.model.fields.keys()].filter((key) => !entity.targets.has(key))),
    titles: (key) =>
      [entity.model.fields.get(key)?.title, ...documents.map((document) => document?.[key]?.title)].filter(
        (title): title is string => title !== undefined,
      ),
    fits: (text, target) => {
      const found = target.member === null ? convertCell(text, target.field, env) : convertMember(text, target);
      return 'empty' in found || found.ok;
    },
    entity: (id) => catalog.schema.entities.get(id),
  });
}

/** Completes a mapping by hand: samples, and what links are matched by where that is left open. */
export function completeMapping(
  catalog: Catalog,
  entity: ImportEntity,
  samples: readonly ColumnSample[],
  mapping: readonly ColumnMapping[],
): ColumnMapping[] {
  const given = new Map(mapping.map((entry) => [entry.column, entry]));
  const all = samples.map((sample): ColumnMapping => {
    const entry = given.get(sample.column);
    given.delete(sample.column);
    const target = entry?.field ? entity.targets.get(entry.field) : undefined;
    // One that the field has no use for stays, so that planning refuses it by name.
    const matchBy =
      entry?.matchBy ??
      (target?.field.kind.relation && target.member === null
        ? matchByOf(sample, target, (id) => catalog.schema.entities.get(id))
        : undefined);
    return {
      column: sample.column,
      field: entry?.field ?? null,
      ...(matchBy ? { matchBy } : {}),
      samples: sample.samples.slice(0, 5),
    };
  });
  // Columns that the file does not have stay in, so that planning refuses them by name.
  return [...all, ...given.values()];
}

/** The first rows as they would be written, with their problems. */
export async function preview(
  deps: ExchangeDeps,
  ctx: Ctx,
  catalog: Catalog,
  input: {
    entity: ImportEntity;
    columns: readonly string[];
    mapping: readonly ColumnMapping[];
    options: ImportOptions;
    head: readonly SourceRow[];
  },
): Promise<{ rows: PreviewRow[]; problems: ImportProblem[] }> {
  const mapped = input.mapping.some((entry) => entry.field);
  if (!mapped)
    return {
      rows: [],
      problems: [
        { code: 'import.nothing_mapped', message: 'No column could be matched to a field.', severity: 'error' },
      ],
    };
  const plan = tryPlan(ctx, input);
  if ('problem' in plan) return { rows: [], problems: [plan.problem] };
  const rows = input.head.map((row) => convertRow(plan, row));
  await resolveLinks(deps, ctx, catalog, (statement) => deps.db.query(statement), {
    rows,
    fallbackOwner: input.options.ownerId ?? null,
  });
  for (const row of rows) row.problems.push(...unfilled(plan, row));
  const filled = new Set(plan.columns.map((column) => column.target.field.key));
  const unmapped = [...input.entity.model.fields.values()].filter(
    (field) =>
      field.required && !field.system && !field.readOnly && field.default === undefined && !filled.has(field.key),
  );
  const problems =
    plan.mode === 'update'
      ? []
      : unmapped.map((field): ImportProblem => ({
          field: field.key,
          code: 'import.required_unmapped',
          message: `${field.title} is required, but no column fills it.`,
          params: { title: field.title },
          severity: 'error',
        }));
  return { rows: rows.map(toPreview), problems };
}

/** Required fields whose cell is empty: such a row is refused, whether its record is new or stands. */
function unfilled(plan: ReturnType<typeof planOf>, row: ConvertedRow): ImportProblem[] {
  if (row.problems.some((problem) => problem.column === undefined)) return [];
  return plan.columns
    .filter(({ target: { field, member } }) => {
      const isNeeded = field.required && field.default === undefined && member === null;
      return isNeeded && !field.readOnly && !field.system && (row.values[field.key] ?? null) === null;
    })
    .filter(({ column, target }) => {
      const isTold = row.problems.some((problem) => problem.column === column || problem.field === target.field.key);
      return !isTold && !row.links.some((link) => link.field.key === target.field.key);
    })
    .map(({ column, target: { field } }) => ({
      row: row.number,
      column,
      field: field.key,
      code: 'field.required',
      message: `${field.title} must be given.`,
      severity: 'error',
    }));
}

/** What is wrong with a guessed mapping is a finding, to be mended by hand; a mapping made by hand is refused. */
function tryPlan(
  ctx: Ctx,
  input: Parameters<typeof preview>[3],
): ReturnType<typeof planOf> | { problem: ImportProblem } {
  try {
    return planOf(ctx, input.entity, input.columns, input.mapping, input.options);
  } catch (error) {
    if (!isTrellisError(error) || !input.mapping.some((entry) => entry.guessed)) throw error;
    return { problem: { code: error.code, message: error.message, severity: 'error' } };
  }
}

function toPreview(row: ConvertedRow): PreviewRow {
  return { row: row.number, values: row.values, problems: row.problems };
}
