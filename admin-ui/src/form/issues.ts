import type { CatalogEntity } from '../../../schemas/catalog.js';
import type { FieldIssue } from './validate.js';

/** One entry of a problem's `issues`. */
export interface ServerIssue {
  path: string;
  code: string;
  message?: string;
  params?: Record<string, unknown>;
}

export interface MappedIssues {
  /** By field key; the first one of each field. */
  fields: Record<string, FieldIssue>;
  /** What belongs to no field of the form. */
  general: FieldIssue[];
}

/** Issues of a refusal, put to the fields that they name: `/name`, `name`, `/address/city` and `/amountCurrency` all find their field. */
export function mapIssues(entity: CatalogEntity, issues: readonly ServerIssue[]): MappedIssues {
  const keys = new Map<string, string>();
  for (const field of entity.fields) keys.set(field.key, field.key);
  for (const field of entity.fields) if (field.currencyField) keys.set(field.currencyField, field.key);
  const mapped: MappedIssues = { fields: {}, general: [] };
  for (const issue of issues) {
    const finding: FieldIssue = { code: issue.code, params: issue.params, message: issue.message };
    const key = keys.get(firstPart(issue.path));
    if (key === undefined) mapped.general.push(finding);
    else mapped.fields[key] ??= finding;
  }
  return mapped;
}

function firstPart(path: string): string {
  const head = (path.startsWith('/') ? path.slice(1) : path).split('/')[0] ?? '';
  const key = head.replaceAll('~1', '/').replaceAll('~0', '~');
  return key.split('.')[0] ?? '';
}
