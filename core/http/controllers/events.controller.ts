import { Controller, Get, Inject, Req, Res, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACCESS, type Access } from '../../access/index.js';
import { limited } from '../../base/errors.js';
import { CONTEXTS } from '../../base/tokens.js';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import { IDENTITY, type Authenticated, type Identity } from '../../identity/index.js';
import { JOBS, type Jobs } from '../../jobs/index.js';
import type { ContextFactory } from '../../sdk/index.js';
import { tokenOf } from '../edge.js';
import { createEventHub, type EventHub } from '../events/event-hub.js';
import { Route } from '../route.js';

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
@Controller('api/events')
export class EventsController implements BeforeApplicationShutdown {
  private readonly hub: EventHub;

  constructor(
    @Inject(IDENTITY) identity: Identity,
    @Inject(ACCESS) access: Access,
    @Inject(CATALOG) catalog: CatalogService,
    @Inject(JOBS) jobs: Jobs,
    @Inject(CONTEXTS) private readonly contexts: ContextFactory,
  ) {
    this.hub = createEventHub({ identity, access, catalog, onEvent: (listener) => jobs.onEvent(listener) });
  }

  @Get()
  @Route({ summary: 'Stream of changes and progress that you may see (server-sent events)' })
  stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no');
    if (request.method === 'HEAD') return void reply.send('');
    const stream = this.hub.open({
      raw: reply.raw,
      token: tokenOf(request) as string,
      authenticated: request.edge.authenticated as Authenticated,
      contexts: this.contexts,
      writeHead: () => reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>),
    });
    if (stream === null)
      throw limited('events.too_many', 'You hold too many event streams open.', { params: { retryAfterSeconds: 30 } });
    reply.hijack();
  }

  beforeApplicationShutdown(): void {
    this.hub.close();
  }
}
