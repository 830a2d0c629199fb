import { denied, invalid } from '../base/errors.js';
import type { Catalog } from '../catalog/index.js';
import { isVeiled } from '../query/index.js';
import type { CoerceEnv, EntityModel, FieldModel } from '../schema/index.js';
import type { Ctx } from '../sdk/index.js';
import { planRows } from './convert/plan.js';
import type { RowPlan } from './convert/plan.js';
import type { ExchangeDeps } from './deps.js';
import type { Target } from './mapping/targets.js';
import { targetsOf } from './mapping/targets.js';
import { targetsOfLink } from './links/lookup.js';
import { modeOf } from './import-options.js';
import type { ColumnMapping, ImportMode, ImportOptions } from './types.js';

/** An entity as one actor may import into it. */
export interface ImportEntity {
  readonly model: EntityModel;
  readonly targets: ReadonlyMap<string, Target>;
  /** True where the records that a link may lead to can be found by that field, as far as the actor may read. */
  matches(field: FieldModel, matchBy: string): boolean;
}

/** Throws entity.not_found, access.denied without the import permission. */
export function importEntity(deps: ExchangeDeps, ctx: Ctx, catalog: Catalog, entity: string): ImportEntity {
  const scope = deps.access.read(ctx, catalog, entity);
  if (!deps.access.may(ctx, catalog, entity, 'import')) {
    throw denied('access.denied', `You may not import ${scope.entity.titlePlural.toLowerCase()}.`, {
      params: { entity, operation: 'import' },
      hint: 'Ask an administrator for a role that allows it.',
    });
  }
  return {
    model: scope.entity,
    targets: targetsOf(scope.entity, (key) => scope.fields.get(key)),
    matches: (field, matchBy) => canMatch(deps, ctx, catalog, field, matchBy),
  };
}

/** What text is understood by. */
export function coerceEnv(ctx: Ctx, options: ImportOptions): CoerceEnv {
  const region = options.region ?? ctx.workspace.region;
  return {
    region,
    zone: options.zone ?? ctx.zone,
    dateOrder: options.dateOrder ?? (region === 'US' ? 'mdy' : 'dmy'),
    decimalSeparator: options.decimalSeparator ?? '.',
  };
}

/**
 * Some target has the field, and none that the actor may read hides it: what is not found now is looked for later by the system,
 * which would match what the actor may not see.
 */
function canMatch(deps: ExchangeDeps, ctx: Ctx, catalog: Catalog, field: FieldModel, matchBy: string): boolean {
  const found = targetsOfLink(catalog, field)
    .filter((entity) => deps.access.may(ctx, catalog, entity, 'read'))
    .map((entity) => {
      const scope = deps.access.read(ctx, catalog, entity);
      const by = scope.entity.fields.get(matchBy === 'title' ? scope.entity.titleField : matchBy);
      if (!by || by.retired || by.kind.relation) return 'absent';
      return by.key === 'id' || (scope.fields.has(by.key) && !isVeiled(scope, by.key)) ? 'readable' : 'hidden';
    });
  return found.includes('readable') && !found.includes('hidden');
}

/** The plan by which rows are converted. Throws what `planRows` throws, and import.key_not_mapped, import.key_not_unique. */
export function planOf(
  ctx: Ctx,
  entity: ImportEntity,
  columns: readonly string[],
  mapping: readonly ColumnMapping[],
  options: ImportOptions,
): RowPlan & { mode: ImportMode; key: string } {
  const { mode, key } = modeOf(options, mapping);
  if (mode !== 'create') {
    if (!mapping.some((entry) => entry.field === key)) {
      throw invalid('import.key_not_mapped', `Rows are to be matched by "${key}", but no column fills it.`, {
        hint: 'Map a column to it, choose another key, or import as new records.',
      });
    }
    // A field that is not there for the actor is told of by planRows, in the words for one that does not exist.
    const field = entity.targets.get(key)?.field;
    if (entity.targets.has(key) && key !== 'id' && key !== 'externalId' && !field?.unique)
      throw invalid('import.key_not_unique', `"${key}" is not unique, so rows cannot be matched by it.`, {
        params: { key },
      });
  }
  return {
    ...planRows({
      columns,
      mapping,
      targets: entity.targets,
      matches: entity.matches,
      env: coerceEnv(ctx, options),
      onBadCell: options.onUnknownChoice === 'refuse' ? 'refuse' : 'auto',
    }),
    mode,
    key,
  };
}
