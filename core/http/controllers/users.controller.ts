import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IDENTITY, type Identity } from '../../identity/index.js';
import { readBody, readOptionalBody, textOf, textsOf } from '../body.js';
import { ctxOf, Route, sendData } from '../route.js';

const keySchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    scopes: { type: 'array', items: { type: 'string' } },
    expiresAt: { type: 'string', format: 'date-time' },
  },
};

/** What administrators do with the ways in of one user: links, sessions, keys. */
@Controller('api/users/:id')
export class UsersController {
  constructor(@Inject(IDENTITY) private readonly identity: Identity) {}

  @Post('link')
  @Route({
    summary: 'Make and mail a link to choose a password: an invitation where there is none yet; earlier links end',
    access: 'administrator',
  })
  async makeLink(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    sendData(reply, await this.identity.links.make(ctxOf(request), { userId: idOf(request) }), 201);
  }

  @Get('sessions')
  @Route({ summary: 'Sessions and API keys of a user', access: 'administrator' })
  async listSessions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.userSessions.list(ctxOf(request), { userId: idOf(request) }));
  }

  @Delete('sessions')
  @Route({ summary: 'End all sessions and API keys of a user at once', access: 'administrator' })
  async endAll(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.identity.userSessions.endAll(ctxOf(request), { userId: idOf(request) });
    void reply.code(204).send();
  }

  @Delete('sessions/:session')
  @Route({ summary: 'End one session or API key of a user at once', access: 'administrator' })
  async endOne(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { id, session } = request.params as { id: string; session: string };
    await this.identity.userSessions.end(ctxOf(request), { userId: id, id: session });
    void reply.code(204).send();
  }
}

/** Users that are programs. */
@Controller('api/service-accounts')
export class ServiceAccountsController {
  constructor(@Inject(IDENTITY) private readonly identity: Identity) {}

  @Post()
  @Route({
    summary: 'Make a service account: a user that is a program, with API keys and no other way in',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      required: ['name', 'roles'],
      properties: { name: { type: 'string' }, roles: { type: 'array', items: { type: 'string' } } },
    },
  })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['name', 'roles']);
    const made = await this.identity.serviceAccounts.create(ctxOf(request), {
      name: textOf(body, 'name', { isRequired: true }),
      roles: textsOf(body, 'roles') ?? ['core.member'],
    });
    sendData(reply, made, 201);
  }

  @Post(':id/api-keys')
  @Route({
    summary: 'Make an API key of a service account; it is shown in this answer only',
    access: 'administrator',
    bodySchema: keySchema,
  })
  async createKey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['name', 'scopes', 'expiresAt']);
    const made = await this.identity.serviceAccounts.createKey(ctxOf(request), {
      userId: idOf(request),
      name: textOf(body, 'name', { isRequired: true }),
      scopes: textsOf(body, 'scopes') ?? null,
      expiresAt: textOf(body, 'expiresAt') ?? null,
    });
    sendData(reply, made, 201);
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
