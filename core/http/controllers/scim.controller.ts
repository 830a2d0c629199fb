import { Controller, Delete, Get, Inject, Patch, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { missing } from '../../base/errors.js';
import { IDENTITY, type Identity } from '../../identity/index.js';
import { Route } from '../route.js';
import {
  checkVersion,
  idOf,
  listQuery,
  maxResults,
  objectOf,
  oneQuery,
  pageOf,
  scene,
  send,
  sendList,
  sendResource,
  writeQuery,
} from '../scim/answer.js';
import { applyPatch, type JsonObject } from '../scim/patch.js';
import { userInput, userResource, userShape } from '../scim/resources.js';
import { resourceTypes, schemas, serviceProvider } from '../scim/schemas.js';

/** What a directory elsewhere asks of us (SCIM 2.0, RFC 7643 and 7644): what we can do, and the users. */
@Controller('scim/v2')
export class ScimController {
  constructor(@Inject(IDENTITY) private readonly identity: Identity) {}

  @Get('ServiceProviderConfig')
  @Route({ summary: 'What the SCIM service can do', access: 'scim', query: oneQuery })
  config(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, serviceProvider(scene(request).base, maxResults));
  }

  @Get('ResourceTypes')
  @Route({ summary: 'Kinds of SCIM resources', access: 'scim', query: listQuery })
  types(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    sendAll(request, reply, resourceTypes(scene(request).base));
  }

  @Get('ResourceTypes/:id')
  @Route({ summary: 'One kind of SCIM resources', access: 'scim', query: oneQuery })
  type(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, oneOf(resourceTypes(scene(request).base), idOf(request)));
  }

  @Get('Schemas')
  @Route({ summary: 'Schemas of SCIM resources', access: 'scim', query: listQuery })
  schemas(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    sendAll(request, reply, schemas(scene(request).base));
  }

  @Get('Schemas/:id')
  @Route({ summary: 'One schema of SCIM resources', access: 'scim', query: oneQuery })
  schema(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, oneOf(schemas(scene(request).base), idOf(request)));
  }

  @Get('Users')
  @Route({ summary: 'People, for a directory (SCIM)', access: 'scim', query: listQuery })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ctx, base } = scene(request);
    const page = pageOf(request);
    const { total, users } = await this.identity.directory.listUsers(ctx, page);
    sendList(request, reply, { total, offset: page.offset, resources: users.map((user) => userResource(user, base)) });
  }

  @Post('Users')
  @Route({ summary: 'Make a user from a directory (SCIM)', access: 'scim', query: writeQuery })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ctx, base } = scene(request);
    const user = await this.identity.directory.createUser(ctx, userInput(objectOf(request), null));
    sendResource(request, reply, userResource(user, base), 201);
  }

  @Get('Users/:id')
  @Route({ summary: 'One person, for a directory (SCIM)', access: 'scim', query: oneQuery })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ctx, base } = scene(request);
    sendResource(request, reply, userResource(await this.identity.directory.getUser(ctx, idOf(request)), base));
  }

  @Put('Users/:id')
  @Route({ summary: 'Set a user to what a directory says (SCIM)', access: 'scim', query: writeQuery })
  async replace(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = objectOf(request);
    await this.change(request, reply, () => body);
  }

  @Patch('Users/:id')
  @Route({ summary: 'Change a user as a directory says (SCIM)', access: 'scim', query: writeQuery })
  async patch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = objectOf(request);
    await this.change(request, reply, (present) => applyPatch(present, body, userShape));
  }

  @Delete('Users/:id')
  @Route({
    summary: 'Suspend a user that a directory no longer has; records stay (SCIM)',
    access: 'scim',
    query: writeQuery,
  })
  async remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ctx, base } = scene(request);
    await this.identity.directory.removeUser(ctx, idOf(request), (present) =>
      checkVersion(request, userResource(present, base)),
    );
    void reply.code(204).send();
  }

  private async change(
    request: FastifyRequest,
    reply: FastifyReply,
    next: (present: JsonObject) => JsonObject,
  ): Promise<void> {
    const { ctx, base } = scene(request);
    const user = await this.identity.directory.changeUser(ctx, idOf(request), (present) => {
      const resource = userResource(present, base);
      checkVersion(request, resource);
      return userInput(next(resource), present);
    });
    sendResource(request, reply, userResource(user, base));
  }
}

function sendAll(request: FastifyRequest, reply: FastifyReply, resources: JsonObject[]): void {
  sendList(request, reply, { total: resources.length, offset: 0, resources });
}

function oneOf(resources: readonly JsonObject[], id: string): JsonObject {
  const found = resources.find((resource) => resource.id === id);
  if (found === undefined) throw missing('scim.not_found', `There is no "${id.slice(0, 80)}" here.`);
  return found;
}
