import { Controller, Delete, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import { IDENTITY, type GroupChange, type Identity, type PersonChange } from '../../identity/index.js';
import { RECORDS, type Records } from '../../records/index.js';
import type { RecordData } from '../../sdk/index.js';
import { type Body, booleanIn, objectsOf, readBody, readOptionalBody, refused, textOf, textsOf } from '../body.js';
import { ctxOf, Route, sendData } from '../route.js';

const ids = { type: 'array', maxItems: 50, items: { type: 'string' } };
const reportsTo = { type: ['string', 'null'], description: 'Id of a user; null: nobody.' };
const planSchema = {
  type: 'object',
  description: 'One to fifty users, teams and territories in all.',
  properties: {
    users: {
      type: 'array',
      maxItems: 50,
      items: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string' },
          roles: ids,
          reportsTo,
          joins: { ...ids, description: 'Ids of teams and territories that it comes into.' },
          leaves: { ...ids, description: 'Ids of teams and territories that it leaves.' },
        },
      },
    },
    groups: {
      type: 'array',
      maxItems: 50,
      description: 'Teams and territories.',
      items: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string' },
          parent: {
            type: ['string', 'null'],
            description: 'Id of the territory that it becomes part of; null: of none.',
          },
          deleted: { type: 'boolean', description: 'It is deleted.' },
        },
      },
    },
  },
};

/** API keys of oneself; users and roles for administrators. */
@Controller('api')
export class IdentityController {
  constructor(
    @Inject(IDENTITY) private readonly identity: Identity,
    @Inject(CATALOG) private readonly catalog: CatalogService,
    @Inject(RECORDS) private readonly records: Records,
  ) {}

  @Get('api-keys')
  @Route({ summary: 'One’s own API keys, without the secrets', isPersonal: true })
  async listKeys(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.listApiKeys(ctxOf(request)));
  }

  @Post('api-keys')
  @Route({
    summary: 'Make an API key; the key is shown in this answer only',
    bodySchema: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        scopes: { type: 'array', items: { type: 'string' } },
        expiresAt: { type: 'string', format: 'date-time' },
      },
    },
  })
  async createKey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['name', 'scopes', 'expiresAt']);
    const made = await this.identity.createApiKey(ctxOf(request), {
      name: textOf(body, 'name', { isRequired: true }),
      scopes: textsOf(body, 'scopes') ?? null,
      expiresAt: textOf(body, 'expiresAt') ?? null,
    });
    sendData(reply, made, 201);
  }

  @Delete('api-keys/:id')
  @Route({ summary: 'End one of one’s own API keys at once' })
  async deleteKey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.identity.deleteApiKey(ctxOf(request), { id: idOf(request) });
    void reply.code(204).send();
  }

  @Get('users')
  @Route({ summary: 'All users with their roles', access: 'administrator' })
  async listUsers(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.listUsers(ctxOf(request)));
  }

  @Post('users')
  @Route({
    summary:
      'Make a user; answers the one-time password, which must be changed at first sign-in, or the link of an invitation',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      required: ['name', 'email'],
      properties: {
        name: { type: 'string' },
        email: { type: 'string' },
        roles: { type: 'array', items: { type: 'string' } },
        locale: { type: 'string' },
        zone: { type: 'string' },
        password: { type: 'string' },
        invite: { type: 'boolean', description: 'No password is made; the answer has the link to choose one.' },
        reportsTo,
      },
    },
  })
  async createUser(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['name', 'email', 'roles', 'locale', 'zone', 'password', 'invite', 'reportsTo']);
    const made = await this.identity.createUser(ctxOf(request), {
      name: textOf(body, 'name', { isRequired: true }),
      email: textOf(body, 'email', { isRequired: true }),
      roles: textsOf(body, 'roles'),
      locale: textOf(body, 'locale'),
      zone: textOf(body, 'zone'),
      password: textOf(body, 'password'),
      invite: booleanIn(body, 'invite'),
      reportsTo: linkIn(body, 'reportsTo'),
    });
    sendData(reply, made, 201);
  }

  @Patch('users/:id')
  @Route({ summary: 'Change a user: name, language, roles, active, whom it reports to', access: 'administrator' })
  async updateUser(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['name', 'email', 'locale', 'zone', 'roles', 'active', 'reportsTo']);
    const ctx = ctxOf(request);
    const userId = idOf(request);
    const roles = textsOf(body, 'roles');
    booleanIn(body, 'active');
    const values: RecordData = {};
    for (const key of ['name', 'email', 'locale', 'zone', 'active', 'reportsTo'] as const)
      if (body[key] !== undefined) values[key] = body[key];
    // All of it or nothing: a circle leaves the name as it was.
    await ctx.records.transaction(ctx, async (inside) => {
      if (Object.keys(values).length > 0)
        await inside.records.update(inside, { entity: 'core.user', id: userId, values });
      if (roles !== undefined) await this.identity.setRoles(inside, { userId, roles });
    });
    const user = (await this.identity.listUsers(ctx)).find((candidate) => candidate.id === userId);
    sendData(reply, user ?? null);
  }

  @Post('users/plan/access')
  @Route({
    summary:
      'Who would see and may do more or less after a change of roles, the hierarchy, teams or territories, or after one of these was moved or deleted; nothing is changed',
    access: 'administrator',
    bodySchema: planSchema,
  })
  async planAccess(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const changes = changesOf(readBody(request, ['users', 'groups']));
    const ctx = ctxOf(request);
    sendData(reply, await this.records.comparePeople(ctx, (inside) => this.identity.changePeople(inside, changes)));
  }

  @Post('users/:id/reset-password')
  @Route({ summary: 'Give a user a new one-time password; ends its sessions and keys', access: 'administrator' })
  async resetPassword(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    sendData(reply, await this.identity.resetPassword(ctxOf(request), { userId: idOf(request) }));
  }

  @Get('roles')
  @Route({ summary: 'The roles that users may have' })
  listRoles(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const catalog = this.catalog.current;
    const roles = [...catalog.definitions('role').values()].map((role) => {
      const { title, description } = catalog.localized(role, ctxOf(request).locale) as {
        title?: string;
        description?: string;
      };
      return { id: role.id, title: title ?? role.id, description };
    });
    sendData(reply, roles);
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

/** An id; null: of nothing. */
function linkIn(body: Body, key: string): string | null | undefined {
  return body[key] === null ? null : textOf(body, key);
}

/** Throws field.range where there are more than fifty. */
function idsIn(body: Body, key: string): string[] | undefined {
  const found = textsOf(body, key);
  if (found !== undefined && found.length > 50) throw refused(key, 'field.range', 'At most fifty are named at once.');
  return found;
}

/** Throws request.invalid where they are not one to fifty. */
function changesOf(body: Body): { users: PersonChange[]; groups: GroupChange[] } {
  const users = objectsOf(body, 'users', ['id', 'roles', 'reportsTo', 'joins', 'leaves']);
  const groups = objectsOf(body, 'groups', ['id', 'parent', 'deleted']);
  const count = users.length + groups.length;
  if (count === 0 || count > 50)
    throw refused('users', 'field.range', 'One to fifty users, teams and territories are changed at once.');
  return {
    users: users.map((user) => ({
      id: textOf(user, 'id', { isRequired: true }),
      roles: idsIn(user, 'roles'),
      reportsTo: linkIn(user, 'reportsTo'),
      joins: idsIn(user, 'joins'),
      leaves: idsIn(user, 'leaves'),
    })),
    groups: groups.map((group) => ({
      id: textOf(group, 'id', { isRequired: true }),
      parent: linkIn(group, 'parent'),
      deleted: booleanIn(group, 'deleted'),
    })),
  };
}
