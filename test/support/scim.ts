import { ADMIN, signIn, startApp, type TestApp } from './app.js';
import type { Client } from './client.js';

/** An application with a directory that keeps its users. */
export interface DirectoryStage {
  readonly app: TestApp;
  /** The administrator, signed in. */
  readonly boss: Client;
  /** The directory, by the key of its service account. */
  readonly scim: Client;
  readonly accountId: string;
}

/** Starts one. */
export async function startDirectory(): Promise<DirectoryStage> {
  const app = await startApp();
  const boss = (await signIn(app.anonymous, ADMIN.email, ADMIN.password)).client;
  const account = await boss.post('/api/service-accounts', { name: 'Directory', roles: [] });
  const accountId = String(account.body.data.id);
  const key = await boss.post(`/api/service-accounts/${accountId}/api-keys`, { name: 'scim', scopes: ['scim'] });
  const scim = app.anonymous.with({
    authorization: `Bearer ${String(key.body.data.key)}`,
    'content-type': 'application/scim+json',
    accept: 'application/scim+json',
  });
  return { app, boss, scim, accountId };
}

/** A user as Entra ID sends it at first. */
export function entraUser(name: string): Record<string, unknown> {
  return {
    schemas: [
      'urn:ietf:params:scim:schemas:core:2.0:User',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    ],
    externalId: `entra-${name}`,
    userName: `${name}@contoso.example`,
    active: true,
    displayName: `${name} Entra`,
    emails: [{ primary: true, type: 'work', value: `${name}@contoso.example` }],
    meta: { resourceType: 'User' },
    name: { formatted: `${name} Entra`, familyName: 'Entra', givenName: name },
    roles: [],
    title: 'Clerk',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Sales' },
  };
}

/** A user as Okta sends it at first. */
export function oktaUser(name: string): Record<string, unknown> {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: `${name}@okta.example`,
    name: { givenName: name, familyName: 'Okta' },
    emails: [{ primary: true, value: `${name}@okta.example`, type: 'work' }],
    displayName: `${name} Okta`,
    locale: 'en-US',
    externalId: `00u${name}`,
    groups: [],
    password: '1mz050nq',
    active: true,
  };
}

/** A body of PATCH. */
export function patchOf(...operations: unknown[]): Record<string, unknown> {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations };
}
