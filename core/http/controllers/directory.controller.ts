import { Controller, Get, Inject, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IDENTITY, type Identity } from '../../identity/index.js';
import { readBody, refused } from '../body.js';
import { ctxOf, Route, sendData } from '../route.js';
import { baseOf } from '../scim/answer.js';

/** What administrators see of the directory that keeps users and teams: its address here, its keys, which team gives which role. */
@Controller('api/directory')
export class DirectoryController {
  constructor(@Inject(IDENTITY) private readonly identity: Identity) {}

  @Get()
  @Route({ summary: 'The directory (SCIM): address, keys, counts, roles by team', access: 'administrator' })
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    sendData(reply, { url: baseOf(ctx), ...(await this.identity.directory.state(ctx)) });
  }

  @Put('roles')
  @Route({
    summary: 'Which team gives which role to those whom the directory has put into it',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      required: ['roles'],
      properties: {
        roles: {
          type: 'array',
          items: {
            type: 'object',
            required: ['team', 'role'],
            properties: { team: { type: 'string', format: 'uuid' }, role: { type: 'string' } },
          },
        },
      },
    },
  })
  async setRoles(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { roles } = readBody(request, ['roles']);
    if (!Array.isArray(roles) || !roles.every(isPair))
      throw refused('roles', 'field.type', '"roles" must be a list of { team, role }.');
    const ctx = ctxOf(request);
    sendData(reply, { url: baseOf(ctx), ...(await this.identity.directory.setRoles(ctx, roles)) });
  }
}

function isPair(value: unknown): value is { team: string; role: string } {
  const pair = value as { team?: unknown; role?: unknown } | null;
  return typeof pair === 'object' && pair !== null && typeof pair.team === 'string' && typeof pair.role === 'string';
}
