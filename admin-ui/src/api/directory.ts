import { request } from './client.js';

/** What a directory elsewhere (SCIM) has to do with this workspace. */
export interface DirectoryState {
  /** The address to enter there. */
  url: string;
  managedUsers: number;
  suspendedUsers: number;
  groups: number;
  lastChangeAt: string | null;
  keys: {
    id: string;
    userId: string;
    account: string;
    name: string;
    createdAt: string;
    expiresAt: string | null;
    lastUsedAt: string | null;
  }[];
  roles: TeamRole[];
}

/** A team whose members have a role. */
export interface TeamRole {
  team: string;
  role: string;
}

export async function getDirectory(): Promise<DirectoryState> {
  return (await request<{ data: DirectoryState }>('/api/directory')).data;
}

export async function setDirectoryRoles(roles: TeamRole[]): Promise<DirectoryState> {
  return (await request<{ data: DirectoryState }>('/api/directory/roles', { method: 'PUT', body: { roles } })).data;
}
