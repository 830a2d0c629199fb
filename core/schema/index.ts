/**
 * What an entity is: the model of entities and fields, field kinds, validation of definitions and records, names of
 * tables and columns, the fold of layers. Pure: knows no Nest, no database, no file system.
 * Invariants: names are injective; `coerce(format(v))` is v for every kind; what a validator lets through fits its column.
 */
export type {
  EntityModel,
  EntityAccess,
  EntityRule,
  FieldCondition,
  FieldConditions,
  FieldModel,
  FieldRef,
  FormulaModel,
  InverseModel,
  LinesModel,
  OptionModel,
  OverflowTable,
  RollupModel,
  SchemaModel,
} from './model.js';
export type { AggregateFn, Coerced, CoerceEnv, ColumnSpec, FieldKind, KindCases, ValueSql } from './kinds/kind.js';
export { allKinds, internalKinds, kindOf } from './kinds/index.js';
export { currencyKey, mixedCurrencies } from './kinds/currency.js';
export { activeCurrencies } from './kinds/iso-4217.js';
export { amountCurrency, currencyBeside } from './amount-currency.js';
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
  recordTypeKey,
  suffixedColumn,
  systemKeys,
  tableName,
} from './names.js';
export { overflowKey, overflowOf, overflowSource, overflowTable, withOverflow } from './overflow.js';
export { buildSchema } from './build.js';
export { buildField } from './build-field.js';
export type { BuildInput, SourceDefinition } from './build.js';
export { createRecordValidator } from './validate-record.js';
export type { CheckedRecord, RecordValidator, RecordValidatorOptions } from './validate-record.js';
export { makeAjv } from './ajv.js';
export { definitionTypes, laterTypes, validateDefinition } from './validate-definition.js';
export { patternProblem } from './pattern.js';
export { criterionSql, type Criterion } from './criteria.js';
export { exprScope, fieldExprType } from './expr-scope.js';
export { followsLinks, readsChildren } from './resolve-conditions.js';
export { formulaValues, valuesEnv, type ValueContext } from './record-values.js';
export { linesAtMost, type LinesWrite, type LineValues } from './kinds/lines.js';
export { valueSqlOf } from './kinds/returned.js';
export type { SealedSecret } from './kinds/secret.js';
export { searchExpression } from './search-expression.js';
export { identityEntities, principalEntities } from './principals.js';
export { systemFieldTitle } from './system-fields.js';
export { pointerStep, problemLine } from './problem.js';
export type { DefinitionProblem } from './problem.js';
export { foldLayers, type FoldedLayers, type FoldLayer, type LayerDocument, type Origin } from './fold.js';
export { localizeDocument } from './localize.js';
export { applyOperations, maxOperations, type Applied, type FailedOperation } from './apply-operations.js';
export { diffDocument } from './diff-document.js';
export { elementKey, elementKeys } from './element-key.js';
export { sameJson, sortedJson } from './json.js';
export { valueAtPointer } from './pointer.js';
export { workspaceLayer, workspacePosition, type Operation } from './operations.js';
export type { RecordTypeModel } from './model.js';
export { recordTypeTitle } from './build-record-types.js';
export { widenedAccess, widenedDefinition } from './widened-access.js';
export {
  mergeUpgrade,
  type MergedUpgrade,
  type MergeInput,
  type ParkedOperation,
  type UpgradeQuestion,
} from './merge-upgrade.js';
