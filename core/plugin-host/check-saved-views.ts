import { readableSchema, type Access } from '../access/index.js';
import { invalid, type Issue } from '../base/errors.js';
import { checkDocument, type CatalogService } from '../catalog/index.js';
import type { Ctx, HookBatch, HookRegistry, RecordData } from '../sdk/index.js';

/**
 * A saved view holds a view document: it is checked like one of a plugin, whatever door it comes through, against what its
 * author may read. What was saved before stays as it is until its document is written again.
 */
export function registerSavedViewCheck(
  hooks: HookRegistry,
  deps: { readonly access: Access; readonly catalog: CatalogService },
): void {
  hooks.register({
    id: 'core.check-saved-view',
    entity: 'core.savedView',
    phase: 'before',
    on: ['create', 'update'],
    fields: ['entity', 'document'],
    run(ctx: Ctx, batch: HookBatch<RecordData>) {
      const schema = readableSchema(deps.access, ctx, deps.catalog.current);
      const issues = batch.rows.flatMap((row, i) => {
        if (row.old !== null && !row.changed.has('entity') && !row.changed.has('document')) return [];
        const at = batch.rows.length === 1 ? '' : `${i}/`;
        return faultsOf(deps.catalog, schema, row.next).map((fault) => ({ ...fault, path: at + fault.path }));
      });
      if (issues.length === 0) return;
      throw invalid(
        'record.invalid',
        issues.length === 1 ? issues[0].message : `The view has ${issues.length} faults.`,
        {
          issues,
          hint: 'Correct what "issues" names and send it again.',
        },
      );
    },
  });
}

function faultsOf(
  catalog: CatalogService,
  schema: Parameters<typeof checkDocument>[1],
  { entity, document }: Readonly<RecordData>,
): Issue[] {
  // That both must be given is said by the entity itself.
  if (document === null || document === undefined) return [];
  const faults = checkDocument(catalog.current, schema, 'view', document).map(({ pointer, code, message }) => ({
    path: `document${pointer}`,
    code,
    message: `${pointer.slice(1) || 'The view'}: ${message}`,
  }));
  const of = (document as { entity?: unknown }).entity;
  if (faults.length === 0 && of !== entity)
    faults.push({
      path: 'entity',
      code: 'view.other_entity',
      message: `The view is of "${String(of)}", but is saved for "${String(entity)}".`,
    });
  return faults;
}
