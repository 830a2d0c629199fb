/**
 * The shape of `GET /api/catalog?locale=`: the effective definitions as the actor may see them, texts in one language.
 * Written by core/http, read by admin-ui. (Definition documents themselves are described by the *.schema.json beside this file.)
 */
export interface CatalogAnswer {
  epoch: number;
  locale: string;
  /** Languages with at least one translation, e.g. `["en","zh-CN"]`. */
  locales: string[];
  workspace: { name: string; locale: string; zone: string; currency: string; region: string; currencies: string[] };
  plugins: { id: string; title: string; version: string; icon: string }[];
  entities: CatalogEntity[];
  views: CatalogView[];
  forms: CatalogForm[];
  navigation: CatalogNavigation[];
}

export interface CatalogEntity {
  id: string;
  plugin: string;
  title: string;
  titlePlural: string;
  icon: string;
  description?: string;
  titleField: string;
  ownership: 'principal' | 'none';
  defaultSort: string[];
  hidden: boolean;
  /** What the actor's roles allow at all on this entity (rows may narrow it further). */
  permissions: {
    create: boolean;
    read: boolean;
    update: boolean;
    delete: boolean;
    purge: boolean;
    import: boolean;
    export: boolean;
  };
  fields: CatalogField[];
  /** Lists of other records that point here. */
  related: CatalogRelated[];
}

export interface CatalogField {
  key: string;
  title: string;
  help?: string;
  kind: string;
  /** Id of the default widget; `x-field.widget` overrides the kind's. */
  widget: string;
  required: boolean;
  /** Kept by the kernel: id, createdAt, createdBy, updatedAt, updatedBy, ownerId, version, externalId, deletedAt. */
  system: boolean;
  /** Not writable by this actor. */
  readOnly: boolean;
  unique: boolean;
  searchable: boolean;
  sortable: boolean;
  filterable: boolean;
  groupable: boolean;
  /** Ids of the condition builder's operators, in order. */
  operators: string[];
  aggregates: string[];
  /** Type in expressions: text, number, boolean, date, dateTime, list, object, record, json. */
  exprType: string;
  default?: unknown;
  options?: { value: string; title: string; color?: string; retired?: boolean }[];
  /** Target entities of link, links, anyLink, user, file; `*` is any. */
  to?: string[];
  labels?: { value: string; title: string; color?: string }[];
  /** JSON Schema of the written value, without null. */
  schema: Record<string, unknown>;
  /** Decimal places of number kinds, where fixed. */
  scale?: number;
  /** Key of the sibling currency field of a money field. */
  currencyField?: string;
}

export interface CatalogRelated {
  /** Key on this entity, e.g. `contacts`. */
  key: string;
  title: string;
  /** The pointing entity and its field. */
  entity: string;
  field: string;
  kind: 'link' | 'links' | 'anyLink';
  /** What becomes of the pointing records when this one is deleted; absent: setNull. */
  onDelete?: 'restrict' | 'setNull' | 'cascade';
}

export interface CatalogView {
  id: string;
  entity: string;
  title: string;
  type: 'list' | 'board';
  columns: { field: string; width?: number; pinned?: boolean }[];
  filter?: string;
  sort?: string[];
  /** Board: the choice field whose options are the columns. List: grouping. */
  groupBy?: string;
  card?: { fields: string[] };
  totals?: { field: string; fn: string }[];
  density?: 'compact' | 'comfortable';
  default?: boolean;
  order?: number;
}

export interface CatalogForm {
  id: string;
  entity: string;
  title: string;
  default?: boolean;
  /** Key facts under the record's title. */
  header?: { facts?: string[]; status?: string };
  sections: {
    id: string;
    title: string;
    columns: 1 | 2 | 3;
    fields: { field: string; span?: 1 | 2 | 3 }[];
    collapsed?: boolean;
    showWhen?: string;
  }[];
  related?: { key: string; columns?: string[]; sort?: string[] }[];
  timeline?: boolean;
}

export interface CatalogNavigation {
  id: string;
  title: string;
  icon: string;
  order: number;
  items: { entity?: string; view?: string; title?: string; icon?: string }[];
}
