/**
 * Everything that goes over HTTP: one typed function an endpoint, the event stream, the keys of the query cache.
 * The only room that calls `fetch`. Every function throws ApiProblem.
 */
export type {
  ApiKeyRow,
  BackupList,
  BackupPlan,
  BackupRow,
  JobRow,
  PluginProblem,
  PluginRow,
  PluginSetting,
  PluginSettings,
  RoleRow,
  ScheduleRow,
  UninstallPlan,
  UserRow,
} from './admin.js';
export {
  backupUrl,
  createApiKey,
  createBackup,
  createUser,
  listApiKeys,
  listBackups,
  listJobs,
  listPlugins,
  changePluginSettings,
  getPluginSettings,
  installPlugin,
  planUninstall,
  uninstallPlugin,
  listRoles,
  listUsers,
  resetUserPassword,
  retryJob,
  revokeApiKey,
  setPluginEnabled,
  updateUser,
} from './admin.js';
export { getCatalog } from './catalog.js';
export { configureClient } from './client.js';
export type { ServerEvent } from './events.js';
export { closeEvents, onServerEvent } from './events.js';
export type { DefinitionRow, ExpressionCheck, PackageBundle, PackagePlan, RevertOptions } from './studio.js';
export {
  applyChange,
  checkExpression,
  decideConflict,
  deleteDraft,
  exportPackage,
  getDefinition,
  installPackage,
  listChanges,
  listConflicts,
  listTableWork,
  planDecision,
  listDefinitions,
  planChange,
  planPackage,
  planRevert,
  publishPackage,
  revertChange,
  saveDraft,
} from './studio.js';
export type { FileAnswer } from './files.js';
export { fileUrl, uploadFile } from './files.js';
export type {
  ImportAnswer,
  ImportColumn,
  ImportOptions,
  ImportPreviewRow,
  ImportProblem,
  ImportStatus,
} from './imports.js';
export { actOnImport, changeImport, createImport, getImport, listImports, refusedUrl, startImport } from './imports.js';
export type { ProblemIssue } from './problem.js';
export { ApiProblem } from './problem.js';
export { keys } from './queries.js';
export type {
  AggregateQuery,
  BulkRowResult,
  HistoryChange,
  HistoryEntry,
  Json,
  LinkValue,
  ListAnswer,
  ListQuery,
  Page,
  PastRecord,
  RecordData,
} from './records.js';
export {
  aggregateRecords,
  bulkRecords,
  bulkWhere,
  createRecord,
  deleteRecord,
  explainAccess,
  exportUrl,
  getRecord,
  getRecordAsOf,
  listRecords,
  purgeRecord,
  recordHistory,
  restoreRecord,
  updateRecord,
} from './records.js';
export type { OpenSession, SessionAnswer } from './session.js';
export { changePassword, changeSession, endSession, getSession, listSessions, signIn, signOut } from './session.js';
