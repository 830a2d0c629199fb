import { kindOf } from './kinds/index.js';
import type { FieldKind } from './kinds/kind.js';
import type { FieldModel } from './model.js';

interface SystemField {
  readonly key: string;
  readonly kind: string;
  readonly title: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
  readonly to?: string;
  readonly unique?: boolean;
  readonly schema?: Readonly<Record<string, unknown>>;
}

/** Fields that every record has; `ownerId` only where records have owners. The id stands first, the others behind the own fields. */
const all: readonly SystemField[] = [
  { key: 'id', kind: 'id', title: { en: 'ID', 'zh-CN': '标识' }, readOnly: true },
  { key: 'ownerId', kind: 'link', title: { en: 'Owner', 'zh-CN': '负责人' }, readOnly: false, to: 'core.principal' },
  {
    key: 'externalId',
    kind: 'text',
    title: { en: 'External ID', 'zh-CN': '外部标识' },
    readOnly: false,
    unique: true,
    schema: { minLength: 1, maxLength: 255 },
  },
  { key: 'createdAt', kind: 'dateTime', title: { en: 'Created', 'zh-CN': '创建时间' }, readOnly: true },
  { key: 'createdBy', kind: 'user', title: { en: 'Created by', 'zh-CN': '创建人' }, readOnly: true, to: 'core.user' },
  { key: 'updatedAt', kind: 'dateTime', title: { en: 'Changed', 'zh-CN': '修改时间' }, readOnly: true },
  { key: 'updatedBy', kind: 'user', title: { en: 'Changed by', 'zh-CN': '修改人' }, readOnly: true, to: 'core.user' },
  { key: 'version', kind: 'integer', title: { en: 'Version', 'zh-CN': '版本' }, readOnly: true },
  { key: 'deletedAt', kind: 'dateTime', title: { en: 'Deleted', 'zh-CN': '删除时间' }, readOnly: true },
];

/** Models of the system fields of an entity, the id first. */
export function systemFields(
  entity: string,
  ownership: 'principal' | 'none',
  uuidOf: (entity: string, field: string) => string,
): FieldModel[] {
  return all
    .filter((field) => field.key !== 'ownerId' || ownership === 'principal')
    .map((field) => ({
      key: field.key,
      entity,
      uuid: uuidOf(entity, field.key),
      kind: kindOf(field.kind) as FieldKind,
      title: field.title.en,
      required: false,
      system: true,
      readOnly: field.readOnly,
      unique: field.unique ?? false,
      searchable: false,
      sensitivity: 'normal' as const,
      options: [],
      to: field.to ? [field.to] : [],
      onDelete: 'setNull',
      labels: [],
      retired: false,
      schema: field.schema ?? {},
      x: { kind: field.kind },
    }));
}

/** Title of a system field in a language, or null where the key is none. English where the language is not known. */
export function systemFieldTitle(key: string, locale: string): string | null {
  const field = all.find((candidate) => candidate.key === key);
  return field ? (field.title[locale] ?? field.title.en) : null;
}
