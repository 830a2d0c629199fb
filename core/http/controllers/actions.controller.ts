import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACTIONS, type Actions } from '../../actions/index.js';
import { addressBucket } from '../../identity/index.js';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import type { Json } from '../../sdk/index.js';
import { readBody } from '../body.js';
import { idempotentCall, runOnce } from '../idempotency.js';
import { bestLocale } from '../locale.js';
import { ctxOf, Route, sendData } from '../route.js';

/** Named verbs of plugins, for signed-in users and, where they say so, for anybody. */
@Controller('api')
export class ActionsController {
  constructor(
    @Inject(ACTIONS) private readonly actions: Actions,
    @Inject(CATALOG) private readonly catalog: CatalogService,
  ) {}

  @Get('actions')
  @Route({ summary: 'Actions that you may run, with their input' })
  list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    sendData(reply, this.actions.list(ctxOf(request)));
  }

  @Post('actions/:action')
  @Route({ summary: 'Run an action', isIdempotent: true, isHidden: true })
  async run(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const { action } = request.params as { action: string };
    const input = readBody(request, null) as Json;
    const call = idempotentCall(request, request.edge.bodyHash);
    if (call === null) return sendData(reply, await this.actions.run(ctx, action, input));
    const { kept, isReplay } = await runOnce(ctx, call, async (inside) =>
      JSON.stringify(await this.actions.run(inside, action, input)),
    );
    if (isReplay) reply.header('idempotency-replayed', 'true');
    sendData(reply, JSON.parse(kept));
  }

  @Post('public/actions/:action')
  @Route({ summary: 'Run a public action without an account', access: 'public', query: ['t'], isHidden: true })
  async runPublic(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { action } = request.params as { action: string };
    const answer = await this.actions.runPublic(action, readBody(request, null) as Json, {
      address: addressBucket(request.ip),
      token: (request.edge.query.t as string | undefined) ?? null,
      locale: bestLocale(request.headers['accept-language'], this.catalog.current.locales) ?? undefined,
      requestId: request.id,
    });
    sendData(reply, answer);
  }
}
