import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONTEXTS } from '../../base/tokens.js';
import { IDENTITY, type Identity } from '../../identity/index.js';
import type { ContextFactory } from '../../sdk/index.js';
import { readBody, textOf } from '../body.js';
import { Route, sendData } from '../route.js';

/** What somebody who is not signed in may do to get in: see the ways, ask for a link, choose a password by a link. */
@Controller('api/session')
export class SignInController {
  constructor(
    @Inject(IDENTITY) private readonly identity: Identity,
    @Inject(CONTEXTS) private readonly contexts: ContextFactory,
  ) {}

  @Get('options')
  @Route({ summary: 'The ways to sign in here', access: 'public' })
  async options(@Res() reply: FastifyReply): Promise<void> {
    const resetByMail = this.contexts.system('ways to sign in').mail.isConfigured;
    sendData(reply, { resetByMail, providers: await this.identity.providers.buttons() });
  }

  @Post('reset')
  @Route({
    summary: 'Ask for a mail with a link to choose a new password; answers the same whether there is such an account',
    access: 'public',
    bodySchema: { type: 'object', required: ['email'], properties: { email: { type: 'string' } } },
  })
  async requestReset(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['email']);
    await this.identity.requestReset(this.contexts.system('a password is forgotten'), {
      email: textOf(body, 'email', { isRequired: true }),
      address: request.ip,
    });
    void reply.code(202).header('cache-control', 'no-store').send();
  }

  @Post('link')
  @Route({
    summary: 'Whom an invitation or a reset link is for',
    access: 'public',
    bodySchema: { type: 'object', required: ['token'], properties: { token: { type: 'string' } } },
  })
  async readLink(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['token']);
    const token = textOf(body, 'token', { isRequired: true });
    sendData(reply, await this.identity.links.read(this.contexts.system('a link is opened'), { token }));
  }

  @Post('link/password')
  @Route({
    summary: 'Choose a password by an invitation or a reset link; the link counts once',
    access: 'public',
    bodySchema: {
      type: 'object',
      required: ['token', 'password'],
      properties: { token: { type: 'string' }, password: { type: 'string', minLength: 10 } },
    },
  })
  async choosePassword(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['token', 'password']);
    const chosen = await this.identity.links.choosePassword(this.contexts.system('a password is chosen by a link'), {
      token: textOf(body, 'token', { isRequired: true }),
      password: textOf(body, 'password', { isRequired: true }),
    });
    sendData(reply, chosen);
  }
}
