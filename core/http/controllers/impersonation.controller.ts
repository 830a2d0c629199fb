import { Controller, Delete, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../base/config.js';
import { CONFIG } from '../../base/tokens.js';
import { IDENTITY, type Identity } from '../../identity/index.js';
import { readBody, textOf } from '../body.js';
import { ownCookie, readCookie, readSessionCookie, writeOwnCookie, writeSessionCookie } from '../cookies.js';
import { isTls } from '../edge.js';
import { ctxOf, Route, sendData } from '../route.js';

/** An administrator acts as a user, and comes back. */
@Controller('api')
export class ImpersonationController {
  constructor(
    @Inject(IDENTITY) private readonly identity: Identity,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('users/:id/impersonation')
  @Route({
    summary: 'Act as a user, for an hour at most: the session cookie becomes one of that user',
    access: 'administrator',
    bodySchema: { type: 'object', required: ['reason'], properties: { reason: { type: 'string', maxLength: 500 } } },
  })
  async begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const reason = textOf(readBody(request, ['reason']), 'reason', { isRequired: true });
    const { id } = request.params as { id: string };
    const ctx = ctxOf(request);
    const { token, until } = await this.identity.impersonation.begin(ctx, {
      userId: id,
      reason,
      address: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
    });
    const isSecure = isTls(this.config, request);
    const seconds = Math.ceil((until.getTime() - ctx.now().getTime()) / 1000);
    reply.header('set-cookie', [
      writeOwnCookie(readSessionCookie(request.headers.cookie), isSecure),
      writeSessionCookie(token, isSecure, seconds),
    ]);
    sendData(reply, { until: until.toISOString() }, 201);
  }

  @Delete('session/impersonation')
  @Route({
    summary:
      'Stop acting as a user: the session cookie is the administrator’s own again, where that session still counts',
    access: 'public',
  })
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const token = readSessionCookie(request.headers.cookie);
    const own = readCookie(request.headers.cookie, ownCookie);
    const { goesBack } = await this.identity.impersonation.end({ token, own });
    const isSecure = isTls(this.config, request);
    const cookies = [writeOwnCookie(null, isSecure)];
    if (goesBack) cookies.push(writeSessionCookie(own, isSecure));
    reply.header('set-cookie', cookies);
    sendData(reply, { goesBack });
  }
}
