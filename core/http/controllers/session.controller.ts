import { Controller, Delete, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../base/config.js';
import { CONFIG, CONTEXTS } from '../../base/tokens.js';
import { IDENTITY, type Authenticated, type Identity } from '../../identity/index.js';
import type { ContextFactory } from '../../sdk/index.js';
import { readBody, refused, textOf, type Body } from '../body.js';
import { readSessionCookie, writeSessionCookie } from '../cookies.js';
import { isTls, tokenOf } from '../edge.js';
import { ctxOf, Route, sendData } from '../route.js';
import { describeSession } from '../session-answer.js';

/** Signing in and out, one's own password, language and time zone. */
@Controller('api')
export class SessionController {
  constructor(
    @Inject(IDENTITY) private readonly identity: Identity,
    @Inject(CONTEXTS) private readonly contexts: ContextFactory,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('session')
  @Route({
    summary: 'Sign in with mail address and password; sets the session cookie',
    access: 'public',
    bodySchema: {
      type: 'object',
      required: ['email', 'password'],
      properties: {
        email: { type: 'string' },
        password: { type: 'string' },
        totp: {
          type: 'string',
          description: 'A code of the app or a recovery code, where the first answer asks for it.',
        },
      },
    },
  })
  async signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['email', 'password', 'totp']);
    const { token, authenticated } = await this.identity.signIn(this.contexts.system('sign in'), {
      email: textOf(body, 'email', { isRequired: true }),
      password: textOf(body, 'password', { isRequired: true }),
      code: textOf(body, 'totp') ?? null,
      address: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
      previousToken: readSessionCookie(request.headers.cookie),
    });
    reply.header('set-cookie', writeSessionCookie(token, isTls(this.config, request)));
    sendData(reply, describeSession(authenticated, this.config));
  }

  @Get('session')
  @Route({ summary: 'Who is signed in, with roles and language', isOpenBeforePasswordChange: true })
  read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const authenticated = request.edge.authenticated as Authenticated;
    const token = tokenOf(request);
    // The session slides, so its cookie does too.
    if (authenticated.actor.credential.kind === 'session' && !authenticated.actor.actedBy && token !== null)
      reply.header('set-cookie', writeSessionCookie(token, isTls(this.config, request)));
    sendData(reply, describeSession(authenticated, this.config));
  }

  @Patch('session')
  @Route({
    summary: 'Choose one’s own language and time zone; null: the workspace’s',
    bodySchema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        locale: { type: ['string', 'null'], description: 'A language of the workspace, e.g. `zh-CN`.' },
        zone: { type: ['string', 'null'], description: 'IANA name, e.g. `Europe/Berlin`.' },
      },
    },
  })
  async change(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['locale', 'zone']);
    await this.identity.setPreferences(ctxOf(request), {
      locale: choiceIn(body, 'locale'),
      zone: choiceIn(body, 'zone'),
    });
    const fresh = await this.identity.authenticate(tokenOf(request) ?? '');
    sendData(reply, describeSession(fresh ?? (request.edge.authenticated as Authenticated), this.config));
  }

  @Delete('session')
  @Route({ summary: 'Sign out', isOpenBeforePasswordChange: true })
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.identity.signOut(ctxOf(request));
    void reply
      .header('set-cookie', writeSessionCookie(null, isTls(this.config, request)))
      .code(204)
      .send();
  }

  @Post('session/password')
  @Route({
    summary: 'Change one’s own password; ends one’s other sessions and API keys',
    isOpenBeforePasswordChange: true,
    bodySchema: {
      type: 'object',
      required: ['current', 'next'],
      properties: { current: { type: 'string' }, next: { type: 'string', minLength: 10 } },
    },
  })
  async changePassword(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['current', 'next']);
    const ended = await this.identity.changePassword(ctxOf(request), {
      current: textOf(body, 'current', { isRequired: true }),
      next: textOf(body, 'next', { isRequired: true }),
      address: request.ip,
    });
    sendData(reply, ended);
  }

  @Get('sessions')
  @Route({ summary: 'One’s own sessions', isPersonal: true })
  async listSessions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.listSessions(ctxOf(request)));
  }

  @Delete('sessions')
  @Route({ summary: 'End one’s own sessions, but for the present one' })
  async endOtherSessions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.endOtherSessions(ctxOf(request)));
  }

  @Delete('sessions/:id')
  @Route({ summary: 'End one of one’s own sessions' })
  async endSession(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.identity.endSession(ctxOf(request), { id: (request.params as { id: string }).id });
    void reply.code(204).send();
  }
}

/** Text or null of a key, or undefined where it is absent; an empty text is none. */
function choiceIn(body: Body, key: string): string | null | undefined {
  const value = body[key];
  if (value === undefined || value === null) return value;
  if (typeof value !== 'string') throw refused(key, 'field.type', `"${key}" must be text or null.`);
  return value === '' ? null : value;
}
