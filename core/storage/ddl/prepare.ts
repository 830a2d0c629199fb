import { isTrellisError } from '../../base/errors.js';
import type { SchemaModel } from '../../schema/index.js';
import { conversionOf, findConversions, type FoundConversion } from './convert.js';
import { abandonSteps, describeCopy, prepareSteps } from './copy.js';
import { conversionsInputs, planDdl, type DdlOptions } from './plan.js';
import { planPurge } from './purge.js';
import { canonicalType, conversionKey, type ColumnConversion, type DatabaseShape, type TableShape } from './shape.js';
import type { DdlStep } from './step.js';

/** What must be done beside the writers before a plan may run. */
export interface Preparation {
  /** To run now, in a transaction of its own; empty where it was begun already. */
  readonly steps: readonly DdlStep[];
  /** Keys of the tasks that the plan waits for. */
  readonly tasks: readonly string[];
  /** The shape as it will be when all went well, to plan the rest on. */
  readonly shape: DatabaseShape;
}

/** A plan, and what must be done before it may run; null: nothing. */
export interface StagedPlan {
  readonly preparation: Preparation | null;
  readonly steps: readonly DdlStep[];
}

/**
 * Plans as `planDdl`; where changes of kind in large tables need copies first, these too, and the rest as it will be with them. The
 * copies are begun by the preparation's steps, made by the job `core.convert-columns`, and put in the place of the old columns
 * by the steps of a later plan. Pure. Throws catalog.not_storable.
 */
export function planInStages(shape: DatabaseShape, schema: SchemaModel, options: DdlOptions): StagedPlan {
  try {
    return { preparation: null, steps: planDdl(shape, schema, options) };
  } catch (error) {
    const isUnprepared =
      isTrellisError(error) && error.issues?.some(({ code }) => code === 'catalog.conversion_unprepared');
    if (!isUnprepared) throw error;
    const preparation = planPreparation(shape, schema, options);
    return { preparation, steps: planDdl(preparation.shape, schema, options) };
  }
}

function planPreparation(shape: DatabaseShape, schema: SchemaModel, options: DdlOptions): Preparation {
  const purge = planPurge(shape, options.purged ?? [], options.purgedEntities ?? []);
  const steps: DdlStep[] = [];
  const tasks: string[] = [];
  const tables = new Map(shape.tables);
  const conversions = new Map(shape.conversions);
  for (const input of conversionsInputs(purge.shape, schema, options)) {
    for (const found of findConversions(input)) {
      if ('code' in found || !found.isLarge) continue;
      const { table, column, stands } = found.copy;
      const key = conversionKey(table, column);
      const wanted = describeCopy(found.copy);
      tasks.push(wanted.key);
      steps.push(...beginSteps(found, shape.conversions.get(key), wanted));
      tables.set(table, withCopy(tables.get(table) ?? stands, wanted, found));
      conversions.set(key, { ...wanted, state: 'done' });
    }
  }
  return { steps, tasks, shape: { ...shape, tables, conversions } };
}

/** The statements that take back what was made ready for these tasks. */
export function planAbandoning(shape: DatabaseShape, tasks: readonly string[]): DdlStep[] {
  return [...shape.conversions.values()]
    .filter(({ key }) => tasks.includes(key))
    .flatMap((conversion) => {
      const stands = shape.tables.get(conversion.table);
      return stands === undefined ? [] : abandonSteps(conversion, stands);
    });
}

function beginSteps(
  found: FoundConversion,
  standing: ColumnConversion | undefined,
  wanted: ColumnConversion,
): DdlStep[] {
  const names = (one: ColumnConversion): string =>
    one.indexes
      .map(({ name }) => name)
      .sort()
      .join();
  const isBegun = standing?.hash === wanted.hash && names(standing) === names(wanted);
  if (isBegun) return [];
  const { stands } = found.copy;
  return [...(standing ? abandonSteps(standing, stands) : []), ...prepareSteps(found.copy, conversionOf(found))];
}

function withCopy(stands: TableShape, wanted: ColumnConversion, { copy }: FoundConversion): TableShape {
  const columns = new Map(stands.columns).set(wanted.copy, { type: canonicalType(copy.to), notNull: false });
  const indexes = new Map(stands.indexes);
  for (const { name, unique } of wanted.indexes) indexes.set(name, { valid: true, unique, columns: [wanted.copy] });
  return { ...stands, columns, indexes };
}
