import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../base/config.js';
import { broken, missing } from '../../base/errors.js';
import { CONFIG } from '../../base/tokens.js';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import { DATABASE, type Database } from '../../storage/index.js';
import { mayReadMetrics, registry } from '../metrics.js';
import { Route, sendJson } from '../route.js';

/** Whether we live, whether we are ready, and our figures. */
@Controller()
export class SystemController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CATALOG) private readonly catalog: CatalogService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('api/health')
  @Route({ summary: 'The process lives', access: 'public' })
  health(@Res() reply: FastifyReply): void {
    sendJson(reply, '{"status":"ok"}');
  }

  @Get('api/ready')
  @Route({ summary: 'Catalog and database are there', access: 'public' })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    // Throws what the catalog has to say: not loaded yet, or made of other plugins than this node's.
    if (this.catalog.current.epoch < 0 || !(await this.database.ping()))
      throw broken('server.not_ready', 'The server is not ready yet.');
    sendJson(reply, '{"status":"ok"}');
  }

  @Get('metrics')
  @Route({ summary: 'Figures for Prometheus; this machine or token only', access: 'public', isHidden: true })
  async metrics(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!mayReadMetrics(request, this.config.metricsToken))
      throw missing('route.not_found', 'There is nothing at /metrics.');
    await reply
      .header('content-type', registry.contentType)
      .header('cache-control', 'no-store')
      .send(await registry.metrics());
  }
}
