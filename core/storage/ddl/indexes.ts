import { criterionSql, searchExpression, type EntityModel, type FieldModel } from '../../schema/index.js';
import { columnName, joinTableName, quoteName } from '../../schema/index.js';
import { ownFields } from './columns.js';
import { indexName, qualified, shortHash, uniqueKeys } from './names.js';

/** An index that a table should have. */
export interface WantedIndex {
  readonly name: string;
  readonly table: string;
  readonly unique: boolean;
  /** What follows `on <table>`: method, columns, options, predicate. */
  readonly body: string;
  /** Of a unique: its columns, quoted. */
  readonly columns?: readonly string[];
}

/** Indexes that come from kinds by themselves, an entity, at most; more on request (`index: true`, `x-entity.indexes`). */
const policyLimit = 12;
/** Further ones that lead with the owner, for members who list what they own. */
const ownedChoiceLimit = 4;
/** Criteria of sharing rules and roles that get an index, an entity: each is judged at every write. */
const criteriaLimit = 20;
const alive = 'where deleted_at is null';
const newestFirst = 'created_at desc, id desc';

/** The display collation of a language, quoted: pinyin order for Chinese, the Unicode root order otherwise. */
export function displayCollation(locale: string): string {
  return locale.toLowerCase().startsWith('zh') ? '"zh-x-icu"' : '"und-x-icu"';
}

/**
 * All indexes of an entity's own table, besides the primary key; each name changes with its definition, except the uniques'.
 * Fields that are `overflowing` stand in other tables.
 */
export function wantedIndexes(
  entity: EntityModel,
  collation: string,
  overflowing: ReadonlySet<string> = new Set(),
): WantedIndex[] {
  return dedupe([
    ...uniques(entity),
    ...systemIndexes(entity),
    ...fieldIndexes(entity, overflowing),
    ...explicitIndexes(entity),
    ...titleIndex(entity, collation),
    ...searchIndex(entity),
    ...criteriaIndexes(entity, overflowing),
  ]);
}

/**
 * Method, expression and options of a GIN index. New entries wait in a list, which every search reads whole, until it has 128 kB
 * (16 pages): PostgreSQL's own 4 MB make the search for a rare word up to ten times slower, and writes no faster.
 */
export function ginOver(expression: string): string {
  return `using gin (${expression}) with (fastupdate = on, gin_pending_list_limit = 128)`;
}

/** The way back over a `links` field: who points here. */
export function joinTableIndexes(entity: EntityModel, field: FieldModel): WantedIndex[] {
  const table = joinTableName(entity.id, field.key);
  return [{ name: indexName(table, 'ix', 'target'), table, unique: false, body: '(target_id, source_id, label)' }];
}

/** `create [unique] index [concurrently] …` */
export function createIndexSql(index: WantedIndex, concurrently: boolean, schema?: string): string {
  return `create ${index.unique ? 'unique ' : ''}index ${concurrently ? 'concurrently ' : ''}if not exists ${quoteName(index.name)} on ${qualified(index.table, schema)} ${index.body}`;
}

function uniques(entity: EntityModel): WantedIndex[] {
  return uniqueKeys(entity).map(({ keys, index }) => {
    const columns = keys.flatMap((key) => columnsOf(entity, key));
    return { name: index, table: entity.tableName, unique: true, body: `(${columns.join(', ')}) ${alive}`, columns };
  });
}

function systemIndexes(entity: EntityModel): WantedIndex[] {
  return [
    plain(entity, 'created_at', `(${newestFirst}) ${alive}`),
    ...(entity.ownership === 'principal' ? [plain(entity, 'owner_id', `(owner_id, ${newestFirst}) ${alive}`)] : []),
    plain(entity, 'updated_at', `(updated_at, ${newestFirst}) ${alive}`),
    // The recycle bin; an upsert must find a deleted record by its externalId; a restore its whole cascade.
    plain(entity, 'deleted_at', `(deleted_at desc, id desc) where deleted_at is not null`),
    plain(entity, 'deleted$external_id', `(external_id) where deleted_at is not null and external_id is not null`),
    plain(entity, 'deletion_id', `(deletion_id) where deletion_id is not null`),
  ];
}

function fieldIndexes(entity: EntityModel, overflowing: ReadonlySet<string>): WantedIndex[] {
  const fields = ownFields(entity).filter((field) => !field.retired && !overflowing.has(field.key));
  const asked = fields.filter((field) => field.index === true).flatMap((field) => fieldIndex(entity, field));
  const byPolicy: WantedIndex[] = [];
  for (const field of fields) {
    // There may be hundreds of fields, in each of hundreds of entities.
    if (byPolicy.length === policyLimit) break;
    if (field.index === undefined) byPolicy.push(...fieldIndex(entity, field));
  }
  const owned = entity.ownership === 'principal' ? fields.filter(isScalarChoice).slice(0, ownedChoiceLimit) : [];
  return [
    ...asked,
    ...byPolicy,
    ...owned.map((field) =>
      plain(
        entity,
        `owner_id$${columnName(field.key)}`,
        `(owner_id, ${field.kind.indexSql(field)}, ${newestFirst}) ${alive}`,
      ),
    ),
  ];
}

function fieldIndex(entity: EntityModel, field: FieldModel): WantedIndex[] {
  const columns = field.kind.columns(field);
  if (columns.some((column) => column.type.endsWith('[]'))) {
    return [plain(entity, columnName(field.key), `${ginOver(quoteName(columns[0].name))} ${alive}`)];
  }
  if (field.kind.relation === 'any') {
    // By id first: it alone finds the few rows, the entity's name only confirms them.
    const [name, id] = columns.map((column) => quoteName(column.name));
    return [plain(entity, columnName(field.key), `(${id}, ${name}, ${newestFirst}) ${alive}`)];
  }
  const sql = field.kind.indexSql(field);
  return sql === null ? [] : [plain(entity, columnName(field.key), `(${sql}, ${newestFirst}) ${alive}`)];
}

function isScalarChoice(field: FieldModel): boolean {
  return (
    field.options.length > 0 &&
    field.kind.relation === undefined &&
    field.kind.indexSql(field) !== null &&
    !field.kind.columns(field)[0].type.endsWith('[]')
  );
}

function explicitIndexes(entity: EntityModel): WantedIndex[] {
  return entity.indexes.map((keys) =>
    plain(
      entity,
      keys.map(columnName).join('$'),
      `(${keys.flatMap((key) => columnsOf(entity, key)).join(', ')}, ${newestFirst}) ${alive}`,
    ),
  );
}

function titleIndex(entity: EntityModel, collation: string): WantedIndex[] {
  const title = entity.fields.get(entity.titleField);
  const sql = title?.kind.sortSql(title, quoteName(entity.tableName), collation) ?? null;
  return sql === null || !sql.includes('collate')
    ? []
    : [plain(entity, 'title', `((${sql}), ${newestFirst}) ${alive}`)];
}

/** One index over the grams of all searchable fields: a search in two of them costs no second one. */
function searchIndex(entity: EntityModel): WantedIndex[] {
  const document = searchExpression(entity, quoteName(entity.tableName));
  return document === null ? [] : [plain(entity, 'search', `${ginOver(`(trellis.grams(${document}))`)} ${alive}`)];
}

/** The newest records that meet a criterion of a sharing rule or a role: so few of many are found without reading the others. */
function criteriaIndexes(entity: EntityModel, overflowing: ReadonlySet<string>): WantedIndex[] {
  return (entity.criteria ?? [])
    .flatMap((expression) => {
      const sql = criterionSql(entity, expression, quoteName(entity.tableName));
      const isHere = expression.paths.every(([key]) => !overflowing.has(key));
      return sql === null || !isHere ? [] : [plain(entity, 'criterion', `(${newestFirst}) ${alive} and ${sql}`)];
    })
    .slice(0, criteriaLimit);
}

function plain(entity: EntityModel, label: string, body: string): WantedIndex {
  return {
    name: indexName(entity.tableName, 'ix', `${label}$${shortHash(body)}`),
    table: entity.tableName,
    unique: false,
    body,
  };
}

function columnsOf(entity: EntityModel, key: string): string[] {
  const field = entity.fields.get(key);
  return (field?.kind.columns(field) ?? []).map((column) => quoteName(column.name));
}

/** The same columns asked for twice (by policy and by hand) make one index. */
function dedupe(indexes: readonly WantedIndex[]): WantedIndex[] {
  return [...new Map(indexes.map((index) => [index.body, index])).values()];
}
