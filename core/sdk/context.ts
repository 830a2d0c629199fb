import type { Log } from '../base/log.js';
import type { ActionsApi } from './actions.js';
import type { JobsApi } from './jobs.js';
import type { MailApi } from './mail.js';
import type { FetchAnswer, FetchInput } from './outbound.js';
import type { NotificationsApi } from './notifications.js';
import type { PrivacyApi } from './privacy.js';
import type { RecordsApi } from './records.js';

/** Who acts now. A system actor states its reason and is not narrowed by roles, unless it names them. */
export type Actor = UserActor | SystemActor;

export interface UserActor {
  readonly kind: 'user';
  /** The user's id, also its principal id. */
  readonly userId: string;
  readonly name: string;
  /** Ids of the roles, e.g. `core.administrator`, `core.member`. */
  readonly roles: readonly string[];
  /** The user itself, the teams it is in, and the territories it works or that lie below those: whoever may own records on its behalf. */
  readonly principals: readonly string[];
  /** By what else records reach it; absent: by nothing. */
  readonly reach?: UserReach;
  /** How it signed in; joined into every statement, so that a revoked one counts at once. */
  readonly credential: { readonly kind: 'session' | 'apiKey'; readonly id: string } | null;
  /** The user's security epoch when this actor was loaded. */
  readonly securityEpoch: number;
  /** Scopes of an API key (`read`, `write`, or `entity:read`), or null where the key is not narrowed. */
  readonly scopes: readonly string[] | null;
  /** The administrator who acts as this user; absent or null: the user itself does. */
  readonly actedBy?: { readonly userId: string; readonly name: string } | null;
}

/** What an actor is loaded with, so that only ways that lead somewhere are asked for. A change of it moves the security epoch. */
export interface UserReach {
  /** Somebody reports to it. */
  readonly hasReports: boolean;
  /** Names of its teams, as sharing rules know them. */
  readonly teams: readonly string[];
  /** Names of the territories that it works, and of those below them. */
  readonly territories: readonly string[];
  /** Entities of which something is shared with it, its teams or its territories. */
  readonly shared: readonly string[];
}

export interface SystemActor {
  readonly kind: 'system';
  readonly reason: string;
  /** The user on whose behalf the system acts (createdBy, history), or null. */
  readonly onBehalfOf: string | null;
  /** Roles whose rights it has, no others (a public door); absent: it is not narrowed. */
  readonly roles?: readonly string[];
  /** The administrator who acted as that user. */
  readonly actedBy?: UserActor['actedBy'];
}

/** One statement: `text` with $1…, `values` in order. The text is also the key under which it is prepared. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** True: never prepared by name, so that the planner sees the values each time (search, skewed filters). */
  readonly replan?: boolean;
}

/** An open transaction. */
export interface Tx {
  /** Rows as objects; numeric and int8 come as text, json as parsed values unless cast to text. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Workspace {
  readonly id: string;
  readonly name: string;
  /** BCP 47, e.g. `en`, `zh-CN`. */
  readonly locale: string;
  /** IANA zone, e.g. `Europe/Berlin`. */
  readonly zone: string;
  /** ISO 4217. */
  readonly currency: string;
  /** ISO 3166-1 alpha-2; the default region of phone numbers. */
  readonly region: string;
}

/** Values of a plugin's settings by key, as its plugin.json describes them. */
export type PluginSettings = Readonly<Record<string, string | number | boolean>>;

/** First argument of every function above the pure floors. Immutable; derive another with `asSystem` or `withTx`. */
export interface Ctx {
  readonly actor: Actor;
  readonly workspace: Workspace;
  /** The transaction that this work is part of, or null outside of one. */
  readonly tx: Tx | null;
  readonly locale: string;
  readonly zone: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Id of the request or job, for logs. */
  readonly requestId: string;
  now(): Date;
  newId(): string;
  random(): number;
  readonly records: RecordsApi;
  readonly jobs: JobsApi;
  /** Calls a server of the internet, within bounds; never this machine or its network. */
  fetch(input: FetchInput): Promise<FetchAnswer>;
  readonly mail: MailApi;
  readonly notifications: NotificationsApi;
  readonly privacy: PrivacyApi;
  readonly actions: ActionsApi;
  /** In code of a plugin: its settings as they stand, defaults included. Empty elsewhere. */
  readonly settings: PluginSettings;
  /** The same context acting as the system, on behalf of the present user. */
  asSystem(reason: string): Ctx;
  /** The same context inside a transaction. */
  withTx(tx: Tx): Ctx;
  /** The same context with the settings of a plugin. */
  withSettings(settings: PluginSettings): Ctx;
}

/** Makes contexts; bound by app.module, asked for by http and jobs. */
export interface ContextFactory {
  forActor(actor: Actor, options?: { locale?: string; zone?: string; signal?: AbortSignal; requestId?: string }): Ctx;
  /** The kernel acting for a stated reason. */
  system(reason: string): Ctx;
  /** The same context with the actor loaded anew. */
  withActor(ctx: Ctx, actor: Actor): Ctx;
}

/** What access asks of identity; bound by app.module. */
export interface ActorStore {
  /** The user with roles and principals as of now, or null where there is none or it is not active. */
  load(
    userId: string,
    credential: UserActor['credential'],
    scopes: readonly string[] | null,
  ): Promise<UserActor | null>;
  /** Users by id as `tx` sees them, without a credential; those that are not active are left out. */
  loadAll(userIds: readonly string[], tx: Tx): Promise<Map<string, UserActor>>;
}
