import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACTIONS, type Actions } from '../../actions/index.js';
import { ACCESS, type Access } from '../../access/index.js';
import { invalid, missing } from '../../base/errors.js';
import { didYouMean } from '../../base/suggest.js';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import { isAdministrator } from '../../identity/index.js';
import { localizePlugin, PLUGIN_HOST, type PluginHost } from '../../plugin-host/index.js';
import type { Ctx } from '../../sdk/index.js';
import { describeCatalog, provenanceOf } from '../catalog/describe-catalog.js';
import { describeEntity, type DescribeInput } from '../catalog/describe-entity.js';
import { audienceOf, sendKept } from '../catalog/kept-answers.js';
import { readableCatalog, type ReadableCatalog } from '../catalog/readable.js';
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
    @Inject(ACTIONS) private readonly actions: Actions,
  ) {}

  @Get('catalog')
  @Route({
    summary: 'Entities, fields, views, forms and navigation as you may see them',
    query: ['locale', 'provenance'],
  })
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const input = this.inputOf(request);
    const { ctx, catalog, locale } = input;
    const withOrigins = booleanOf(request.edge.query, 'provenance');
    const more = {
      currencies: await currencies(ctx),
      plugins: this.plugins.list().map((info) => localizePlugin(info, catalog, locale)),
    };
    const plugins = more.plugins.map(({ id, title, version, icon, state }) => [id, title, version, icon, state]);
    const key = JSON.stringify([
      'catalog',
      audienceOf(ctx.actor),
      locale,
      withOrigins,
      ctx.workspace,
      more.currencies,
      plugins,
    ]);
    await sendKept({ request, reply }, catalog, key, () => {
      const answer = describeCatalog(input, more);
      if (!withOrigins) return { data: answer };
      const provenance = answer.entities.map((entity) => [entity.id, provenanceOf(input, entity.id)]);
      return { data: { ...answer, provenance: Object.fromEntries(provenance) as Record<string, unknown> } };
    });
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
  async openapi(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const input = this.inputOf(request);
    const { ctx, catalog, locale } = input;
    const actions = this.actions.list(ctx);
    const names = actions.map(({ id }) => id);
    const key = JSON.stringify(['openapi', audienceOf(ctx.actor), locale, ctx.workspace, names]);
    await sendKept({ request, reply }, catalog, key, () => {
      const entities = [...input.readable.entities.values()].map((entity) => ({
        model: entity,
        described: describeEntity(input, entity),
      }));
      const routes = this.routes.all().filter(({ spec }) => spec.access !== 'administrator' || isAdministrator(ctx));
      return describeApi({ routes, entities, actions, workspace: ctx.workspace.name });
    });
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
    const { access } = this;
    let readable: ReadableCatalog | undefined;
    return {
      access,
      ctx,
      catalog,
      locale,
      // A kept answer needs none.
      get readable() {
        return (readable ??= readableCatalog(access, ctx, catalog));
      },
    };
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
