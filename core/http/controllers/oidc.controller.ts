import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../base/config.js';
import { isTrellisError } from '../../base/errors.js';
import { CONFIG, CONTEXTS } from '../../base/tokens.js';
import { IDENTITY, type Identity } from '../../identity/index.js';
import type { ContextFactory } from '../../sdk/index.js';
import { readCookie, readSessionCookie, writeFlowCookie, writeSessionCookie, flowCookie } from '../cookies.js';
import { isTls } from '../edge.js';
import { Route } from '../route.js';

/** Signing in elsewhere: the browser is sent to a provider and comes back. Refusals are told on the sign-in page. */
@Controller('api/session/oidc')
export class OidcController {
  constructor(
    @Inject(IDENTITY) private readonly identity: Identity,
    @Inject(CONTEXTS) private readonly contexts: ContextFactory,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get(':provider')
  @Route({ summary: 'Go to a provider to sign in (OpenID Connect)', access: 'public', query: ['next'] })
  async begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.orSayWhy(reply, async () => {
      const { url, flow } = await this.identity.oidc.begin(this.contexts.system('sign in elsewhere'), {
        provider: providerOf(request),
        next: request.edge.query.next ?? '/',
      });
      reply.header('set-cookie', writeFlowCookie(flow, isTls(this.config, request)));
      return url;
    });
  }

  @Get(':provider/callback')
  @Route({
    summary: 'Where a provider sends people back to',
    access: 'public',
    isHidden: true,
    query: [
      'code',
      'state',
      'iss',
      'session_state',
      'scope',
      'authuser',
      'prompt',
      'hd',
      'error',
      'error_description',
      'error_uri',
    ],
  })
  async finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const isSecure = isTls(this.config, request);
    reply.header('set-cookie', writeFlowCookie(null, isSecure));
    await this.orSayWhy(reply, async () => {
      const { token, next } = await this.identity.oidc.finish(this.contexts.system('sign in elsewhere'), {
        provider: providerOf(request),
        query: (request.raw.url ?? '').split('?')[1] ?? '',
        flow: readCookie(request.headers.cookie, flowCookie),
        address: request.ip,
        userAgent: request.headers['user-agent'] ?? null,
        previousToken: readSessionCookie(request.headers.cookie),
      });
      reply.header('set-cookie', [writeFlowCookie(null, isSecure), writeSessionCookie(token, isSecure)]);
      return next;
    });
  }

  /** Goes where `work` says; a person, not a program, reads what went wrong. */
  private async orSayWhy(reply: FastifyReply, work: () => Promise<string>): Promise<void> {
    reply.header('cache-control', 'no-store');
    try {
      const to = await work();
      await reply.redirect(to, 303);
    } catch (error) {
      if (!isTrellisError(error) || error.kind === 'broken') throw error;
      await reply.redirect(`/sign-in?failed=${encodeURIComponent(error.code)}`, 303);
    }
  }
}

function providerOf(request: FastifyRequest): string {
  return (request.params as { provider: string }).provider;
}
