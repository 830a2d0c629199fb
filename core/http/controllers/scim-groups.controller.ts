import { Controller, Delete, Get, Inject, Patch, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IDENTITY, type DirectoryGroup, type Identity } from '../../identity/index.js';
import { Route } from '../route.js';
import {
  checkVersion,
  idOf,
  isLeftOut,
  listQuery,
  objectOf,
  oneQuery,
  pageOf,
  scene,
  sendList,
  sendResource,
  writeQuery,
} from '../scim/answer.js';
import { applyPatch, type JsonObject } from '../scim/patch.js';
import { groupInput, groupResource, groupShape, versionOf } from '../scim/resources.js';

/** Groups of a directory elsewhere are our teams (SCIM 2.0). */
@Controller('scim/v2/Groups')
export class ScimGroupsController {
  constructor(@Inject(IDENTITY) private readonly identity: Identity) {}

  @Get()
  @Route({ summary: 'Teams, for a directory (SCIM)', access: 'scim', query: listQuery })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ctx, base } = scene(request);
    const page = pageOf(request);
    const withMembers = !isLeftOut(request, 'members');
    const { total, groups } = await this.identity.directory.listGroups(ctx, { ...page, withMembers });
    const resources = groups.map((group) => groupResource(group, base));
    sendList(request, reply, { total, offset: page.offset, resources });
  }

  @Post()
  @Route({ summary: 'Make a team from a group of a directory (SCIM)', access: 'scim', query: writeQuery })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ctx, base } = scene(request);
    const group = await this.identity.directory.createGroup(ctx, groupInput(objectOf(request)));
    sendResource(request, reply, groupResource(group, base), 201);
  }

  @Get(':id')
  @Route({ summary: 'One team, for a directory (SCIM)', access: 'scim', query: oneQuery })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ctx, base } = scene(request);
    // Members belong to the version, so they are read even where the answer leaves them out.
    sendResource(request, reply, groupResource(await this.identity.directory.getGroup(ctx, idOf(request)), base));
  }

  @Put(':id')
  @Route({ summary: 'Set a team to what a directory says (SCIM)', access: 'scim', query: writeQuery })
  async replace(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = objectOf(request);
    const { group, base } = await this.change(request, () => body);
    sendResource(request, reply, groupResource(group, base));
  }

  @Patch(':id')
  @Route({ summary: 'Change a team as a directory says (SCIM)', access: 'scim', query: writeQuery })
  async patch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = objectOf(request);
    const { group, base } = await this.change(request, (present) => applyPatch(present, body, groupShape));
    // Nobody who adds one member wants the other thousands back (RFC 7644 §3.5.2).
    void reply
      .code(204)
      .header('etag', versionOf(groupResource(group, base)))
      .send();
  }

  @Delete(':id')
  @Route({ summary: 'Take away a team that a directory no longer has (SCIM)', access: 'scim', query: writeQuery })
  async remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ctx, base } = scene(request);
    await this.identity.directory.removeGroup(ctx, idOf(request), (present) =>
      checkVersion(request, groupResource(present, base)),
    );
    void reply.code(204).send();
  }

  private async change(
    request: FastifyRequest,
    next: (present: JsonObject) => JsonObject,
  ): Promise<{ group: DirectoryGroup; base: string }> {
    const { ctx, base } = scene(request);
    const group = await this.identity.directory.changeGroup(ctx, idOf(request), (present) => {
      const resource = groupResource(present, base);
      checkVersion(request, resource);
      return groupInput(next(resource));
    });
    return { group, base };
  }
}
