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
  PeopleChange,
  PersonChange,
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
  planPeopleAccess,
  retryJob,
  revokeApiKey,
  setPluginEnabled,
  updateUser,
} from './admin.js';
export type {
  AccessExplained,
  AccessReason,
  AccessWay,
  ExplainedLevel,
  ExplainedOperation,
  ShareRow,
} from './access.js';
export { endShare, explainAccess, explainedOperations, listShares, shareRecord } from './access.js';
export type { AuditFilter, AuditKind, AuditRow, ChainState } from './audit.js';
export { auditFileUrl, checkChain, getChain, keepAuditKind, listAudit, listAuditKinds } from './audit.js';
export type { MailRow, MailState, MailStatus } from './mail.js';
export { cancelMail, checkMailServer, getMailStatus, listMails, resendMail, sendTestMail } from './mail.js';
export type {
  ErasurePeople,
  ErasurePlan,
  PrivacyMark,
  PrivacyRequest,
  PrivacyStatus,
  RetentionRule,
  RetentionValues,
} from './privacy.js';
export {
  archiveUrl,
  certificateUrl,
  discardPrivacyRequest,
  dropRetention,
  getPrivacyStatus,
  keepRetention,
  liftPrivacyMark,
  listPrivacyMarks,
  listPrivacyRequests,
  listRetention,
  orderPersonExport,
  planErasure,
  planRetention,
  runErasure,
  setPrivacyMark,
} from './privacy.js';
export type { Channel, NotificationPage, NotificationPreference, NotificationRow } from './notifications.js';
export {
  getNotificationPreferences,
  listNotifications,
  markNotificationsRead,
  setNotificationPreference,
} from './notifications.js';
export { getCatalog } from './catalog.js';
export { configureClient } from './client.js';
export type { ServerEvent } from './events.js';
export { closeEvents, onServerEvent } from './events.js';
export type {
  DefinitionRow,
  ExpressionCheck,
  PackageBundle,
  PackagePlan,
  RevertOptions,
  TemplatePreview,
} from './studio.js';
export { previewTemplate } from './studio.js';
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
  planAccess,
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
  exportUrl,
  getRecord,
  getRecordAsOf,
  linkOf,
  listAll,
  listRecords,
  purgeRecord,
  recordHistory,
  restoreRecord,
  updateRecord,
} from './records.js';
export type { OpenedLink, OpenSession, SessionAnswer, SignInOptions, TotpStatus } from './session.js';
export {
  beginTotp,
  changePassword,
  actAs,
  changeSession,
  choosePassword,
  confirmTotp,
  endActing,
  endOtherSessions,
  endSession,
  endTotp,
  getSession,
  getSignInOptions,
  getTotpStatus,
  listSessions,
  openLink,
  providerUrl,
  renewRecoveryCodes,
  requestReset,
  signIn,
  signOut,
} from './session.js';
export type { DirectoryState, TeamRole } from './directory.js';
export { getDirectory, setDirectoryRoles } from './directory.js';
export type { PasskeyRow } from './passkeys.js';
export {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  listPasskeys,
  removePasskey,
  signInByPasskey,
} from './passkeys.js';
export type { ProviderRow, ProviderValues, SignInPolicy, UserLink } from './users.js';
export {
  changeSignInPolicy,
  createProvider,
  createServiceAccount,
  createServiceKey,
  clearUserTotp,
  endUserSession,
  getSignInPolicy,
  listProviders,
  listUserSessions,
  makeUserLink,
  removeProvider,
  updateProvider,
} from './users.js';
