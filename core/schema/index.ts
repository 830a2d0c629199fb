/**
 * What an entity is: the model of entities and fields, field kinds, validation of definitions and records, names of
 * tables and columns, the fold of layers. Pure: knows no Nest, no database, no file system.
 * Invariants: names are injective; `coerce(format(v))` is v for every kind; what a validator lets through fits its column.
 */
export type { EntityModel, EntityRule, FieldModel, InverseModel, OptionModel, SchemaModel } from './model.js';
export type { AggregateFn, Coerced, CoerceEnv, ColumnSpec, FieldKind, KindCases } from './kinds/kind.js';
export { allKinds, internalKinds, kindOf, laterKinds } from './kinds/index.js';
export { currencyKey } from './kinds/currency.js';
export type { LinkItem, LinksWrite } from './kinds/links.js';
export {
  columnName,
  entityIdPattern,
  entityIdProblem,
  extensionPrefix,
  fieldKeyPattern,
  fieldKeyProblem,
  joinColumns,
  joinTableName,
  pluginIdPattern,
  quoteName,
  suffixedColumn,
  systemKeys,
  tableName,
} from './names.js';
export { buildSchema } from './build.js';
export type { BuildInput, SourceDefinition } from './build.js';
export { createRecordValidator } from './validate-record.js';
export type { CheckedRecord, RecordValidator, RecordValidatorOptions } from './validate-record.js';
export { definitionTypes, laterTypes, validateDefinition } from './validate-definition.js';
export { patternProblem } from './pattern.js';
export { exprScope, fieldExprType } from './expr-scope.js';
export { searchExpression } from './search-expression.js';
export { systemFieldTitle } from './system-fields.js';
export { pointerStep, problemLine } from './problem.js';
export type { DefinitionProblem } from './problem.js';
export { foldLayers, type FoldedLayers } from './fold.js';
export { localizeDocument } from './localize.js';
