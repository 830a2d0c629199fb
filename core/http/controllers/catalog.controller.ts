import { createHash } from 'node:crypto';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACCESS, type Access } from '../../access/index.js';
import { invalid, missing } from '../../base/errors.js';
import { didYouMean } from '../../base/suggest.js';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import { PLUGIN_HOST, type PluginHost } from '../../plugin-host/index.js';
import type { Ctx } from '../../sdk/index.js';
import { describeCatalog, provenanceOf } from '../catalog/describe-catalog.js';
import { describeEntity, type DescribeInput } from '../catalog/describe-entity.js';
import { readableCatalog } from '../catalog/readable.js';
import { describeApi } from '../openapi/describe-api.js';
import { booleanOf } from '../query-string.js';
import { ctxOf, Route, sendData } from '../route.js';
import type { RouteTable } from '../route-table.js';
import { ROUTES } from '../tokens.js';

/** The effective definitions and the API's description, as the actor may see them. */
@Controller('api')
export class CatalogController {
  constructor(
    @Inject(CATALOG) private readonly catalog: CatalogService,
    @Inject(ACCESS) private readonly access: Access,
    @Inject(PLUGIN_HOST) private readonly plugins: PluginHost,
    @Inject(ROUTES) private readonly routes: RouteTable,
  ) {}

  @Get('catalog')
  @Route({
    summary: 'Entities, fields, views, forms and navigation as you may see them',
    query: ['locale', 'provenance'],
  })
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const input = this.inputOf(request);
    const answer = describeCatalog(input, { currencies: await currencies(input.ctx), plugins: this.plugins.list() });
    const withOrigins = booleanOf(request.edge.query, 'provenance')
      ? {
          ...answer,
          provenance: Object.fromEntries(answer.entities.map((entity) => [entity.id, provenanceOf(input, entity.id)])),
        }
      : answer;
    sendCached(request, reply, JSON.stringify({ data: withOrigins }));
  }

  @Get('catalog/entities/:id')
  @Route({ summary: 'One entity as you may see it', query: ['locale', 'provenance'] })
  entity(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const input = this.inputOf(request);
    const { id } = request.params as { id: string };
    const entity = input.readable.entities.get(id);
    if (entity === undefined)
      throw missing(
        'entity.not_found',
        `There is no entity "${id}".${didYouMean(id, input.readable.entities.keys())}`,
        { params: { entity: id } },
      );
    const answer = describeEntity(input, entity);
    sendData(
      reply,
      booleanOf(request.edge.query, 'provenance') ? { ...answer, provenance: provenanceOf(input, id) } : answer,
    );
  }

  @Get('openapi.json')
  @Route({ summary: 'This API as OpenAPI 3.1, as you may use it' })
  openapi(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const input = this.inputOf(request);
    const entities = [...input.readable.entities.values()].map((entity) => ({
      model: entity,
      described: describeEntity(input, entity),
    }));
    sendCached(
      request,
      reply,
      JSON.stringify(describeApi({ routes: this.routes.all(), entities, workspace: input.ctx.workspace.name })),
    );
  }

  private inputOf(request: FastifyRequest): DescribeInput {
    const ctx = ctxOf(request);
    const catalog = this.catalog.current;
    const { locale = ctx.locale } = request.edge.query;
    if (!catalog.locales.includes(locale))
      throw invalid(
        'request.parameter',
        `There are no texts in "${locale.slice(0, 40)}".${didYouMean(locale.slice(0, 40), catalog.locales)}`,
        { hint: `Languages: ${catalog.locales.join(', ')}.` },
      );
    return { access: this.access, ctx, catalog, locale, readable: readableCatalog(this.access, ctx, catalog) };
  }
}

async function currencies(ctx: Ctx): Promise<string[]> {
  const system = ctx.asSystem('list the currencies of the workspace');
  const { data } = await system.records.list(system, {
    entity: 'core.currency',
    fields: ['code'],
    filter: 'active == true',
    sort: ['code'],
    limit: 500,
  });
  return data.flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
}

/** A large answer that seldom changes: asked for again with its tag, it is not sent again. */
function sendCached(request: FastifyRequest, reply: FastifyReply, body: string): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  reply.header('etag', etag);
  if (request.headers['if-none-match'] === etag) return void reply.code(304).send();
  void reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'private, no-cache')
    .send(body);
}
