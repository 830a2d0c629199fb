import { isUuid } from '../../base/ids.js';
import type { Cell } from '../read/cell.js';
import { cellText } from '../read/cell.js';
import type { PlannedColumn } from './plan.js';
import type { LinkRef } from './row.js';

/**
 * What a cell of a link column names. One text for a to-one link; `a; b|label` for a to-many link, as its kind writes
 * it; `contacts.contact:…` names the entity too. JSON cells hold `{id, …}` or a list of those.
 */
export function linkRefs(cell: Cell, column: PlannedColumn): LinkRef[] {
  if (cell === null) return [];
  if (typeof cell !== 'string') return jsonRefs(cell.json, column);
  const text = cell.trim();
  if (text === '') return [];
  if (column.target.field.kind.relation !== 'many') return [refOf(text, column)];
  return splitList(text).map((part) => {
    const bar = part.lastIndexOf('|');
    const word = bar < 0 ? '' : part.slice(bar + 1).trim();
    const label = column.target.field.labels.find((option) => option.value === word || option.title === word);
    return label ? { ...refOf(part.slice(0, bar).trim(), column), label: label.value } : refOf(part, column);
  });
}

function refOf(text: string, { target, column, matchBy }: PlannedColumn): LinkRef {
  const named = target.field.kind.relation === 'any' ? /^([a-z][\w-]*\.[a-zA-Z]\w*)[:/](.+)$/.exec(text) : null;
  if (named)
    return {
      field: target.field,
      column,
      matchBy: isUuid(named[2]) ? 'id' : matchBy,
      value: named[2],
      entity: named[1],
    };
  return { field: target.field, column, matchBy, value: text };
}

function jsonRefs(value: unknown, column: PlannedColumn): LinkRef[] {
  const items = (Array.isArray(value) ? value : [value]).filter((item) => item !== null && item !== undefined);
  return items.map((item): LinkRef => {
    if (typeof item !== 'object') return refOf(cellText({ json: item }) ?? '', column);
    const { id, entity, label } = item as { id?: unknown; entity?: unknown; label?: unknown };
    return {
      field: column.target.field,
      column: column.column,
      matchBy: 'id',
      value: String(id ?? ''),
      ...(typeof label === 'string' ? { label } : {}),
      ...(typeof entity === 'string' ? { entity } : {}),
    };
  });
}

function splitList(text: string): string[] {
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
