/**
 * What the admin knows about the data: catalog, session, addresses, recent records, and the condition builder's model.
 * Never renders; never knows one entity by name.
 */
export type {
  CatalogAnswer,
  CatalogEntity,
  CatalogField,
  CatalogForm,
  CatalogNavigation,
  CatalogRelated,
  CatalogView,
} from '../../../schemas/catalog.js';
export { useCatalog } from './catalog.js';
export type { CodedText } from './code-text.js';
export { useCodeText } from './code-text.js';
export type { Condition, ConditionGroup, ConditionNode } from './expression-builder.js';
export { buildExpression, describeOperator, joinExpressions, parseConditions } from './expression-builder.js';
export type { FormatEnv } from './format-env.js';
export { kindIcon } from './kind-icons.js';
export { useFormatEnv } from './format-env.js';
export type { ProblemText } from './problem-text.js';
export { useProblemText } from './problem-text.js';
export type { RecentRecord } from './recent.js';
export { useRecent } from './recent.js';
export { createRoute, importRoute, listRoute, recordAccessRoute, recordRoute, trashRoute } from './routes.js';
export { useSession } from './session.js';
