import { conflict, invalid, missing } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import { requireAdministrator } from './administrators.js';
import type { IdentityDeps } from './deps.js';
import { actorId } from './user-rows.js';
import { checkRoles } from './users.js';

/** A place elsewhere that says who somebody is, by OpenID Connect. */
export interface ProviderSettings {
  /** Stands in addresses; a word of small letters, digits and hyphens. */
  readonly id: string;
  /** On the button. */
  readonly title: string;
  /** https, or http on this machine. */
  readonly issuer: string;
  readonly clientId: string;
  /** Beside `openid`, e.g. `email profile groups`. */
  readonly scopes: string;
  /** The claim that lists groups, or null: roles are given here only. */
  readonly groupClaim: string | null;
  /** Group → id of a role. Of the roles named here a user has those of its groups, as of each sign-in. */
  readonly roleMap: Readonly<Record<string, string>>;
  /** Roles of a new user. */
  readonly defaultRoles: readonly string[];
  /** Domains of mail addresses whose owners may come in unasked; only addresses that the provider has verified count. */
  readonly domains: readonly string[];
  /** A user is made for whoever comes from one of the domains. */
  readonly makesUsers: boolean;
  /** Whoever comes from one of the domains gets the account of that address which is there already. */
  readonly linksUsers: boolean;
  readonly active: boolean;
}

/** As administrators see it: the secret is never told. */
export interface ProviderInfo extends ProviderSettings {
  readonly hasSecret: boolean;
  /** The address that the provider must know. */
  readonly redirectUri: string;
}

/** What is needed to speak to a provider. */
export interface Provider extends ProviderSettings {
  readonly sealed: string | null;
  readonly updatedAt: Date;
}

/** Configured providers; all but `buttons` for administrators. */
export interface Providers {
  /** What the sign-in page offers. */
  buttons(): Promise<{ id: string; title: string }[]>;
  list(ctx: Ctx): Promise<ProviderInfo[]>;
  /** Throws provider.exists, provider.invalid with the issue, role.unknown. */
  create(ctx: Ctx, input: ProviderSettings & { readonly clientSecret: string | null }): Promise<ProviderInfo>;
  /** A secret that is left out stays. Throws provider.not_found, provider.invalid, role.unknown. */
  update(
    ctx: Ctx,
    input: { id: string; change: Partial<ProviderSettings> & { readonly clientSecret?: string | null } },
  ): Promise<ProviderInfo>;
  /** Its users stay and need another way in. Throws provider.not_found. */
  remove(ctx: Ctx, input: { id: string }): Promise<void>;
}

/** Makes the functions of providers. */
export function createProviders(deps: IdentityDeps): Providers {
  return {
    async buttons() {
      return deps.database.query<{ id: string; title: string }>({
        text: 'select id, title from trellis.identity_provider where active order by title, id',
        values: [],
      });
    },
    async list(ctx) {
      requireAdministrator(ctx);
      const rows = await deps.database.query<ProviderRow>({ text: `${selectText} order by title, id`, values: [] });
      return rows.map((row) => describe(ctx, toProvider(row)));
    },
    async create(ctx, input) {
      requireAdministrator(ctx);
      check(deps, input);
      const [row] = await write(deps, ctx, input, input.clientSecret, 'provider.created');
      if (row === undefined) throw conflict('provider.exists', `There is a provider "${input.id}" already.`);
      return describe(ctx, toProvider(row));
    },
    async update(ctx, { id, change }) {
      requireAdministrator(ctx);
      const before = await findProvider(deps, id);
      if (before === null) throw missing('provider.not_found', 'There is no such provider.');
      const { clientSecret, ...settings } = change;
      const next = { ...before, ...settings, id };
      check(deps, next);
      const [row] = await write(deps, ctx, next, clientSecret, 'provider.changed');
      return describe(ctx, toProvider(row));
    },
    async remove(ctx, { id }) {
      requireAdministrator(ctx);
      await deps.database.transaction(async (tx) => {
        const gone = await tx.query('delete from trellis.identity_provider where id = $1 returning id', [id]);
        if (gone.length === 0) throw missing('provider.not_found', 'There is no such provider.');
        await deps.audit.append(tx, {
          kind: 'provider.removed',
          actor: actorId(ctx),
          requestId: ctx.requestId,
          payload: { id },
        });
      });
    },
  };
}

/** One provider, also one that is switched off; null: there is none. */
export async function findProvider(deps: IdentityDeps, id: string): Promise<Provider | null> {
  const [row] = await deps.database.query<ProviderRow>({ text: `${selectText} where id = $1`, values: [id] });
  return row === undefined ? null : toProvider(row);
}

/** The address to which a provider sends people back. */
export function redirectUriOf(ctx: Ctx, id: string): string {
  return ctx.mail.url(`/api/session/oidc/${id}/callback`);
}

/** A sealed client secret opens for its own provider only. */
export function secretContext(id: string): string {
  return `provider:${id}`;
}

interface ProviderRow {
  id: string;
  settings: Omit<ProviderSettings, 'id' | 'title' | 'active'>;
  title: string;
  active: boolean;
  sealed: string | null;
  updated_at: Date;
}

const selectText = 'select id, title, active, settings, sealed, updated_at from trellis.identity_provider';

function toProvider(row: ProviderRow): Provider {
  const { id, title, active, sealed } = row;
  return { ...row.settings, id, title, active, sealed, updatedAt: row.updated_at };
}

function describe(ctx: Ctx, { sealed, updatedAt: _updatedAt, ...settings }: Provider): ProviderInfo {
  return { ...settings, hasSecret: sealed !== null, redirectUri: redirectUriOf(ctx, settings.id) };
}

/** Writes one; a secret that is undefined stays as it is. No row: creating one that is there. */
async function write(
  deps: IdentityDeps,
  ctx: Ctx,
  input: ProviderSettings,
  secret: string | null | undefined,
  kind: 'provider.created' | 'provider.changed',
): Promise<ProviderRow[]> {
  const { id, title, active } = input;
  const { issuer, clientId, scopes, groupClaim, roleMap, defaultRoles, domains, makesUsers, linksUsers } = input;
  const settings = { issuer, clientId, scopes, groupClaim, roleMap, defaultRoles, domains, makesUsers, linksUsers };
  const sealed = secret ? deps.secrets.seal(secret, secretContext(id)) : null;
  const values = [id, title, active, JSON.stringify(settings), sealed, ctx.now()];
  return deps.database.transaction(async (tx) => {
    const rows = await tx.query<ProviderRow>(
      kind === 'provider.created' ? insertText : updateText,
      kind === 'provider.created' ? values : [...values, secret !== undefined],
    );
    if (rows.length > 0)
      await deps.audit.append(tx, {
        kind,
        actor: actorId(ctx),
        requestId: ctx.requestId,
        payload: { id, ...(JSON.parse(JSON.stringify(settings)) as Record<string, never>) },
      });
    return rows;
  });
}

const insertText = `insert into trellis.identity_provider (id, title, active, settings, sealed, updated_at)
values ($1, $2, $3, $4::jsonb, $5, $6) on conflict do nothing returning id, title, active, settings, sealed, updated_at`;

const updateText = `update trellis.identity_provider set title = $2, active = $3, settings = $4::jsonb,
  sealed = case when $7 then $5 else sealed end, updated_at = $6
where id = $1 returning id, title, active, settings, sealed, updated_at`;

function check(deps: IdentityDeps, input: ProviderSettings): void {
  const refuse = (path: string, message: string): never => {
    throw invalid('provider.invalid', message, { issues: [{ path, code: 'provider.invalid', message }] });
  };
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(input.id))
    refuse('/id', 'The id is a word of small letters, digits and hyphens, at most 40.');
  if (input.title.trim() === '' || input.title.length > 80)
    refuse('/title', 'A title of at most 80 characters is needed.');
  if (!isIssuer(input.issuer)) refuse('/issuer', 'The issuer is an https address, or http on this machine.');
  if (input.clientId.trim() === '' || input.clientId.length > 400) refuse('/clientId', 'The client id is needed.');
  if (!/^[\w.:/ -]{0,400}$/.test(input.scopes)) refuse('/scopes', 'Scopes are words with spaces between them.');
  if (input.groupClaim !== null && !/^[\w.:/-]{1,200}$/.test(input.groupClaim))
    refuse('/groupClaim', 'The claim of groups is one word.');
  if (Object.keys(input.roleMap).length > 200) refuse('/roleMap', 'At most 200 groups.');
  const strange = input.domains.find((domain) => !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain));
  if (strange !== undefined) refuse('/domains', `"${strange.slice(0, 80)}" is no domain, e.g. example.com.`);
  checkRoles(deps, [...input.defaultRoles, ...Object.values(input.roleMap)]);
}

/** https anywhere; http to this machine only, for trying things out. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text) || text.length > 500) return false;
  const { protocol, hostname, username, search, hash } = new URL(text);
  if (username !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname));
}

/** True for names of this machine. */
export function isThisMachine(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
