import { conflict, missing } from '../base/errors.js';
import type { Ctx } from '../sdk/index.js';
import { requireAdministrator } from './administrators.js';
import { writeKey, type KeyInput } from './api-keys.js';
import type { IdentityDeps } from './deps.js';
import { requireSession } from './sessions.js';
import { checkRoles, insertUser } from './users.js';

/** Users that are programs: they have API keys and no other way in. Administrators only, by a session: a key makes no keys. */
export interface ServiceAccounts {
  /** Throws role.unknown. */
  create(ctx: Ctx, input: { name: string; roles: readonly string[] }): Promise<{ id: string }>;
  /** A key of a service account, told once. Throws user.not_found, user.not_service, api_key.invalid, api_key.too_many. */
  createKey(ctx: Ctx, input: KeyInput & { userId: string }): Promise<{ id: string; key: string }>;
}

/** Makes the functions of service accounts. */
export function createServiceAccounts(deps: IdentityDeps): ServiceAccounts {
  return {
    async create(ctx, input) {
      requireAdministrator(ctx);
      requireSession(ctx);
      checkRoles(deps, input.roles);
      // Every user has an address; that of a program leads nowhere (RFC 2606, .invalid).
      const email = `service-${ctx.newId()}@service.invalid`;
      const id = await ctx.records.transaction(ctx, (inside) =>
        insertUser(deps, inside, {
          name: input.name,
          email,
          roles: input.roles,
          hash: null,
          mustChange: false,
          kind: 'service',
        }),
      );
      return { id };
    },
    async createKey(ctx, { userId, ...input }) {
      requireAdministrator(ctx);
      requireSession(ctx);
      const [user] = await deps.database.query<{ kind: string }>({
        text: 'select kind from trellis.credential where user_id::text = $1',
        values: [userId],
      });
      if (user === undefined) throw missing('user.not_found', 'There is no such user.');
      if (user.kind !== 'service')
        throw conflict('user.not_service', 'People make their keys themselves.', {
          hint: 'Make a service account for a program.',
        });
      return writeKey(deps, ctx, { ...input, userId, isService: true });
    },
  };
}
