import type { Ctx } from '../../sdk/index.js';
import type { Condition } from './condition.js';

/** A user as a directory knows it. */
export interface DirectoryUser {
  readonly id: string;
  /** The name there, most often a mail address; of a user that no directory manages yet, the sign-in address. */
  readonly userName: string;
  readonly externalId: string | null;
  /** The sign-in address. */
  readonly email: string;
  readonly name: string;
  readonly active: boolean;
  readonly locale: string | null;
  readonly zone: string | null;
  /** Attributes that are kept as they came: parts of the name, title. */
  readonly kept: Readonly<Record<string, string>>;
  /** Ids of its teams. */
  readonly groups: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What a directory sets of a user. */
export type DirectoryUserInput = Omit<DirectoryUser, 'id' | 'groups' | 'createdAt' | 'updatedAt'>;

/** A team as a directory knows it. */
export interface DirectoryGroup {
  readonly id: string;
  readonly name: string;
  readonly externalId: string | null;
  readonly members: readonly { readonly id: string; readonly name: string }[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What a directory sets of a group; `members` are ids of users. */
export interface DirectoryGroupInput {
  readonly name: string;
  readonly externalId: string | null;
  readonly members: readonly string[];
}

export interface DirectoryPage {
  readonly filter: Condition | null;
  /** From 0. */
  readonly offset: number;
  readonly limit: number;
}

export interface DirectoryState {
  readonly managedUsers: number;
  readonly suspendedUsers: number;
  readonly groups: number;
  /** When a directory last changed a user or group; null: never. */
  readonly lastChangeAt: string | null;
  /** Keys of service accounts with the scope `scim`. */
  readonly keys: readonly {
    readonly id: string;
    readonly userId: string;
    readonly account: string;
    readonly name: string;
    readonly createdAt: string;
    readonly expiresAt: string | null;
    readonly lastUsedAt: string | null;
  }[];
  readonly roles: readonly { readonly team: string; readonly role: string }[];
}

/** Users and groups that a directory elsewhere keeps. All but `state` and `setRoles` need a key with the scope `scim`. */
export interface Directory {
  listUsers(ctx: Ctx, page: DirectoryPage): Promise<{ total: number; users: DirectoryUser[] }>;
  /** Throws scim.not_found. */
  getUser(ctx: Ctx, id: string): Promise<DirectoryUser>;
  /** Throws scim.taken; a user that the directory had taken out comes back. */
  createUser(ctx: Ctx, input: DirectoryUserInput): Promise<DirectoryUser>;
  /** `change` gets the user as it stands, under a lock. Throws scim.not_found, scim.taken, scim.administrator, user.last_administrator. */
  changeUser(ctx: Ctx, id: string, change: (present: DirectoryUser) => DirectoryUserInput): Promise<DirectoryUser>;
  /** Suspends the user and takes it out of the groups; its records stay. Throws as `changeUser` does. */
  removeUser(ctx: Ctx, id: string, check: (present: DirectoryUser) => void): Promise<void>;

  listGroups(
    ctx: Ctx,
    page: DirectoryPage & { withMembers: boolean },
  ): Promise<{ total: number; groups: DirectoryGroup[] }>;
  getGroup(ctx: Ctx, id: string, options?: { withMembers: boolean }): Promise<DirectoryGroup>;
  /** Throws scim.taken, scim.value for a member that is no user. */
  createGroup(ctx: Ctx, input: DirectoryGroupInput): Promise<DirectoryGroup>;
  changeGroup(ctx: Ctx, id: string, change: (present: DirectoryGroup) => DirectoryGroupInput): Promise<DirectoryGroup>;
  removeGroup(ctx: Ctx, id: string, check: (present: DirectoryGroup) => void): Promise<void>;

  /** Administrators only. */
  state(ctx: Ctx): Promise<DirectoryState>;
  /** Which team gives which role; of the roles named here, users of a directory have those of their teams. Administrators only. */
  setRoles(ctx: Ctx, roles: readonly { team: string; role: string }[]): Promise<DirectoryState>;
}
