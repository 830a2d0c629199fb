import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACTIONS, type Actions } from '../../actions/index.js';
import { isTrellisError, missing } from '../../base/errors.js';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import { addressBucket } from '../../identity/index.js';
import { bestLocale } from '../locale.js';
import { statusOf } from '../problem.js';
import { pageAssets, pageDocument, refusalDocument } from '../public-page.js';
import { Route } from '../route.js';

/** Pages for people without an account. They are HTML of a template; their forms are sent to public actions by one small script. */
@Controller('p')
export class PublicPagesController {
  constructor(
    @Inject(ACTIONS) private readonly actions: Actions,
    @Inject(CATALOG) private readonly catalog: CatalogService,
  ) {}

  @Get('assets/:asset')
  @Route({ summary: 'A part of the public pages', access: 'public', isHidden: true })
  asset(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { asset } = request.params as { asset: string };
    const found = Object.hasOwn(pageAssets, asset) ? pageAssets[asset] : undefined;
    if (!found) throw missing('route.not_found', 'There is nothing at this address.');
    void reply.header('content-type', found.type).header('cache-control', 'public, max-age=3600').send(found.text);
  }

  @Get(':page')
  @Route({ summary: 'A page for people without an account', access: 'public', query: ['t'], isHidden: true })
  async page(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { page } = request.params as { page: string };
    const locale = bestLocale(request.headers['accept-language'], this.catalog.current.locales) ?? undefined;
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      // The address holds the link: it is nobody else's business.
      .header('referrer-policy', 'no-referrer')
      .header('x-robots-tag', 'noindex');
    try {
      const rendered = await this.actions.openPage(page, {
        address: addressBucket(request.ip),
        token: (request.edge.query.t as string | undefined) ?? null,
        locale,
        requestId: request.id,
      });
      void reply.send(pageDocument(rendered));
    } catch (error) {
      if (!isTrellisError(error) || error.kind === 'broken') throw error;
      void reply.code(statusOf(error)).send(refusalDocument(error, locale ?? 'en'));
    }
  }
}
