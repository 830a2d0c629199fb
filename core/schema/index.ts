/**
 * What an entity is: the model of entities and fields, field kinds, validation of definitions and records, names of
 * tables and columns, the fold of layers. Pure: knows no Nest, no database.
 */
export type { EntityModel, EntityRule, FieldModel, InverseModel, OptionModel, SchemaModel } from './model.js';
export type { AggregateFn, Coerced, CoerceEnv, ColumnSpec, FieldKind, KindCases } from './kinds/kind.js';
