import type { ChangeSet, DefinitionDiff, WorkspaceOperation } from '../../../schemas/studio.js';
import { summaryOf } from './summary.js';
import type { Names, SummaryLine } from './summary.js';

/** What a change set did, or would do as a draft, in plain words; fields whose data went for good among them. */
export function changeLines(
  change: Pick<ChangeSet, 'operations' | 'diff'>,
  names: Names,
  isThere: (type: string, id: string, field?: string) => boolean,
): SummaryLine[] {
  const diff = change.diff ?? change.operations.flatMap((operation) => diffOf(operation, isThere));
  const purged = change.operations
    .filter((operation) => operation.op === 'purge')
    .map(({ id, at }) => purgedLine(id, at.split('/')[2], names));
  return [...purged, ...summaryOf(diff, names)];
}

function purgedLine(entity: string, field: string | undefined, names: Names): SummaryLine {
  const title = names.definition('entity', entity);
  return field === undefined
    ? { key: 'removedEntity', params: { title }, isGrave: true }
    : { key: 'removedField', params: { entity: title, field: names.field(entity, field) }, isGrave: true };
}

/** An operation that nobody has applied as the difference it makes, as far as that can be said without a plan. */
function diffOf(
  operation: WorkspaceOperation,
  isThere: (type: string, id: string, field?: string) => boolean,
): DefinitionDiff[] {
  const { type, id, op, at } = operation;
  if (op === 'purge' || op === 'move') return op === 'move' ? [{ type, id, at, before: true, after: true }] : [];
  if (op === 'unset' || op === 'remove') return [{ type, id, at, before: {}, after: null }];
  const [, root, field] = at.split('/');
  const isField = type === 'entity' && root === 'properties' && at.split('/').length === 3;
  const before = (at === '' && !isThere(type, id)) || (isField && !isThere(type, id, field)) ? null : {};
  return [{ type, id, at, before, after: operation.value }];
}
