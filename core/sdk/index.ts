/**
 * The public surface of the kernel for plugins: types and `define*` helpers, no logic.
 * Stable within a major version; a plugin imports nothing else of core.
 */
export type {
  Actor,
  ActorStore,
  ContextFactory,
  Ctx,
  PluginSettings,
  Statement,
  SystemActor,
  Tx,
  UserActor,
  UserReach,
  Workspace,
} from './context.js';
export type {
  AggregateQuery,
  BulkInput,
  BulkMode,
  BulkRowResult,
  Json,
  LinkValue,
  Page,
  ReadQuery,
  RecordData,
  RecordsApi,
  WriteOptions,
} from './records.js';
export type { AuditInput, AuditLog } from './audit.js';
export type { MailApi, MailInput, MailReceipt } from './mail.js';
export type { NotificationsApi, NotifyInput } from './notifications.js';
export type { ActionDefinition, ActionsApi, LinkInput, PageDefinition, PublicDoor, RateLimit } from './actions.js';
export type { JobDefinition, JobOptions, JobQueue, JobsApi, OutboxEvent } from './jobs.js';
export type { HookBatch, HookDefinition, HookOperation, HookRegistry, HookRow } from './hooks.js';
export type { PluginDefinition } from './plugin.js';
export { defineAction, defineHook, defineJob, definePage, definePlugin } from './plugin.js';
export type { Log } from '../base/log.js';
export type { ErrorKind, Issue } from '../base/errors.js';
export { broken, conflict, denied, invalid, limited, missing, TrellisError } from '../base/errors.js';
