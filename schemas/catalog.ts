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
  /** Roles of the actor let read the audit. */
  mayReadAudit: boolean;
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
    share: boolean;
    assign: boolean;
  };
  fields: CatalogField[];
  /** Lists of other records that point here. */
  related: CatalogRelated[];
  /** Sorts of its records, in order, retired ones too; the field `recordType` holds the id of one. Absent: it has none. */
  recordTypes?: CatalogRecordType[];
  /** Absent: its records have nothing to do with people. */
  privacy?: CatalogPrivacy;
}

export interface CatalogRecordType {
  id: string;
  title: string;
  description?: string;
  icon?: string;
  color?: string;
  /** Taken where a new record names none. */
  default: boolean;
  retired: boolean;
  /** Choice or multiChoice → the options that its records may have; a field that is not here has all. */
  options: Record<string, string[]>;
  /** Field → value of new records; goes before the field's own default. */
  defaults: Record<string, unknown>;
  /** Id of the form in which its records are shown. */
  form?: string;
}

/** What the records of an entity have to do with people. */
export interface CatalogPrivacy {
  /** A record is a person: it can be exported, restricted and erased. */
  subject: boolean;
  erase: 'delete' | 'anonymise' | 'keep';
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
  /** Shown to this actor by a few characters at most, and not to be asked by. */
  masked?: true;
  /** Not writable by this actor. */
  readOnly: boolean;
  unique: boolean;
  searchable: boolean;
  /** What it tells about a person; absent: nothing. */
  sensitivity?: 'personal' | 'sensitive';
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
  /** Key of the currency field of an amount: its sibling, or of a formula that of the amount it is computed from. */
  currencyField?: string;
  /** CEL of a formula. */
  expression?: string;
  /** CEL over the record: not shown, and then not required, where it is false. */
  showWhen?: string;
  /** CEL: required where it is true. */
  requireWhen?: string;
  /** CEL over the record as it is stored: not changed where it is true. */
  readOnlyWhen?: string;
  /** Of a formula or rollup: kind of its result, which decides how it is shown. */
  returns?: string;
  /** Of lines: the child entity, its link to the parent, its number of order. */
  lines?: { entity: string; link: string; position?: string };
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
  type: 'list' | 'board' | 'calendar' | 'map';
  columns: { field: string; width?: number; pinned?: boolean }[];
  filter?: string;
  sort?: string[];
  /** Board: the choice field whose options are the columns. List: grouping. */
  groupBy?: string;
  card?: { fields: string[] };
  /** Calendar: fields of kind date or dateTime, and the choice that colours. Without `end` a record takes a day, or an hour. */
  calendar?: { start: string; end?: string; color?: string };
  /** Map: a field of kind geo, and the choice that colours. */
  map?: { location: string; color?: string };
  totals?: { field: string; fn: string }[];
  density?: 'compact' | 'comfortable';
  default?: boolean;
  order?: number;
}

export interface CatalogForm {
  id: string;
  entity: string;
  title: string;
  /** Where no form fits by `when` and `recordTypes`, the default one is taken. */
  default?: boolean;
  /** CEL over the record: the form is for records of which it is true. Of several that fit, the least `order` is taken. */
  when?: string;
  /** Roles that it is for; the actor has one of them. */
  roles?: string[];
  /** Record types that it is for. */
  recordTypes?: string[];
  order?: number;
  /** Sections without `tab` stand above the tabs. */
  tabs?: { id: string; title: string; showWhen?: string }[];
  /** Key facts under the record's title. */
  header?: {
    facts?: string[];
    status?: string;
    /** The status is a path whose options are passed in their order. */
    stages?: boolean;
  };
  sections: {
    id: string;
    title: string;
    columns: 1 | 2 | 3;
    fields: { field: string; span?: 1 | 2 | 3 }[];
    collapsed?: boolean;
    showWhen?: string;
    /** CEL: its fields cannot be changed where it is true. */
    readOnlyWhen?: string;
    /** Id of the tab on which it stands. */
    tab?: string;
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
