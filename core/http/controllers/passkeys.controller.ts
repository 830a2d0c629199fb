import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../base/config.js';
import { CONFIG, CONTEXTS } from '../../base/tokens.js';
import { IDENTITY, type Identity } from '../../identity/index.js';
import type { ContextFactory, Json } from '../../sdk/index.js';
import { readBody, readOptionalBody, refused, textOf, type Body } from '../body.js';
import { readSessionCookie, writeSessionCookie } from '../cookies.js';
import { isTls } from '../edge.js';
import { ctxOf, Route, sendData } from '../route.js';
import { describeSession } from '../session-answer.js';

/** Passkeys: one's own, and signing in by one. Options and answers are JSON of WebAuthn level 3. */
@Controller('api')
export class PasskeysController {
  constructor(
    @Inject(IDENTITY) private readonly identity: Identity,
    @Inject(CONTEXTS) private readonly contexts: ContextFactory,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('session/passkey/options')
  @Route({ summary: 'What a browser needs to sign in by passkey (navigator.credentials.get)', access: 'public' })
  async beginSignIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    sendData(reply, await this.identity.passkeys.beginSignIn(this.contexts.system('sign in by passkey')));
  }

  @Post('session/passkey')
  @Route({
    summary: 'Sign in by the answer of a passkey; sets the session cookie',
    access: 'public',
    bodySchema: { type: 'object', required: ['response'], properties: { response: { type: 'object' } } },
  })
  async signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { token, authenticated } = await this.identity.passkeys.signIn(this.contexts.system('sign in by passkey'), {
      response: responseIn(readBody(request, ['response'])),
      address: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
      previousToken: readSessionCookie(request.headers.cookie),
    });
    reply.header('set-cookie', writeSessionCookie(token, isTls(this.config, request)));
    sendData(reply, describeSession(authenticated, this.config));
  }

  @Get('passkeys')
  @Route({ summary: 'One’s own passkeys' })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.passkeys.list(ctxOf(request)));
  }

  @Post('passkeys/options')
  @Route({
    summary: 'What a browser needs to make a passkey (navigator.credentials.create); asks for the password',
    bodySchema: { type: 'object', properties: { password: { type: 'string' } } },
  })
  async beginAdd(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readOptionalBody(request, ['password']);
    const password = textOf(body, 'password') ?? '';
    sendData(reply, await this.identity.passkeys.beginAdd(ctxOf(request), { password, address: request.ip }));
  }

  @Post('passkeys')
  @Route({
    summary: 'Keep a passkey that the browser made',
    bodySchema: {
      type: 'object',
      required: ['name', 'response'],
      properties: { name: { type: 'string' }, response: { type: 'object' } },
    },
  })
  async add(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['name', 'response']);
    const name = textOf(body, 'name', { isRequired: true });
    sendData(reply, await this.identity.passkeys.add(ctxOf(request), { name, response: responseIn(body) }), 201);
  }

  @Delete('passkeys/:id')
  @Route({ summary: 'Forget one of one’s own passkeys' })
  async remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.identity.passkeys.remove(ctxOf(request), { id: (request.params as { id: string }).id });
    void reply.code(204).send();
  }
}

/** The answer of the device: an object with an id and a response. */
function responseIn(body: Body): Json {
  const value = body.response;
  const isAnswer =
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    typeof value.id === 'string' &&
    typeof value.response === 'object' &&
    value.response !== null;
  if (!isAnswer) throw refused('response', 'field.type', '"response" must be the answer of a passkey.');
  return value;
}
